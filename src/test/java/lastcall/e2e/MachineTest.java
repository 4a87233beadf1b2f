package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Machines as they are: umasks, directories mounted noexec, locales. */
@Timeout(120)
final class MachineTest extends ServiceTest {
  private static final List<String> OPEN_UMASK =
      List.of("sh", "-c", "umask 000; exec \"$@\"", "sh");

  private Path data() {
    return directory.resolve("data");
  }

  /** The process's temporary directory is {@code directory}. */
  private ServiceProcess launch(List<String> by) throws Exception {
    return ServiceProcess.launchBy(
        by, directory, "database.url=jdbc:sqlite:" + data().resolve("lastcall.db"));
  }

  private static List<Path> below(Path directory) throws Exception {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.toList();
    }
  }

  /** Each file that others may open, with its rights. */
  private List<String> openToOthers() throws Exception {
    List<String> open = new ArrayList<>();
    for (Path file : below(data())) {
      String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
      boolean library = file.getParent().endsWith("lastcall.lib"); // which is in the jar as well
      if (!rights.endsWith("------") && !library) {
        open.add(rights + " " + file);
      }
    }
    return open;
  }

  @Test
  void nobodyElseCanReadWhatIsStoredWhateverTheUmask() throws Exception {
    try (ServiceProcess service = launch(OPEN_UMASK)) {
      signUp(service, 1);
      service.await("welcome e-mail sent");
      assertEquals(List.of(), openToOthers());
      assertTrue(Files.exists(data().resolve("lastcall.db-wal")), "it was looked at, too");
    }
    for (Path file : below(data())) { // as an older version left them, killed
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("rwx------"));
    try (ServiceProcess service = launch(OPEN_UMASK)) {
      signUp(service, 1, "second");
      List<String> open = openToOthers();
      // The directory of the e-mails is closed, so theirs need not be.
      open.removeIf(line -> line.contains(".eml") || line.endsWith("/lastcall.lib"));
      assertEquals(List.of(), open);
      assertEquals(0, term(service));
    }
  }

  @Test
  void aKilledProcessLeavesNothingInTheTemporaryDirectory() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (ServiceProcess service = launch(List.of())) {
        service.port();
        service.signal("KILL");
        service.awaitExit();
      }
      assertEquals(List.of(), libraries(directory), "temporary");
      assertEquals(2, libraries(data().resolve("lastcall.lib")).size(), "one, and its lock");
    }
    try (ServiceProcess service = launch(List.of())) {
      service.port();
      assertEquals(0, term(service));
    }
    assertEquals(List.of(), libraries(data().resolve("lastcall.lib")), "a stop leaves none");
  }

  private static List<Path> libraries(Path directory) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.getFileName().toString().startsWith("sqlite-")).toList();
    }
  }

  @Test
  void oneDirectoryThatIsNotNoexecIsEnough() throws Exception {
    assumeTrue(succeeds("unshare", "-m", "true"), "root, and unshare");
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    Files.createDirectory(data());
    String noTemporary = "mount -t tmpfs -o noexec none " + temporary;
    String noData = "mount -t tmpfs -o noexec none " + data();
    try (ServiceProcess service = mounted(temporary, noTemporary)) {
      signUp(service, 1);
      assertEquals(0, term(service));
    }
    try (ServiceProcess service = mounted(temporary, noData)) {
      signUp(service, 1);
      assertEquals(0, service.log().stream().filter(l -> l.text().contains("trace=")).count());
      assertEquals(0, term(service));
    }
    try (ServiceProcess service = mounted(temporary, noData + "; " + noTemporary)) {
      assertEquals(1, service.awaitExit());
      String why = service.await("start failed").get("why");
      assertTrue(why.contains(data() + "/lastcall.lib, nor from"), why);
      assertTrue(why.contains(temporary + "; the directory must be"), why);
      assertEquals(1, service.log().size(), "one line: " + service.log());
    }
  }

  private ServiceProcess mounted(Path temporary, String mounts) throws Exception {
    List<String> by = List.of("unshare", "-m", "sh", "-c", mounts + "; exec \"$@\"", "sh");
    return ServiceProcess.launchBy(
        by, temporary, "database.url=jdbc:sqlite:" + data().resolve("lastcall.db"));
  }

  private static boolean succeeds(String... command) throws Exception {
    if (!Files.isExecutable(Path.of("/usr/bin", command[0]))) {
      return false;
    }
    Process process = new ProcessBuilder(command).start();
    return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  /** Java would write "?" for each letter that the locale lacks: a database in a wrong place. */
  @Test
  void aPathThatTheLocaleCannotExpressIsRefusedWithTheRemedy() throws Exception {
    List<String> inDirectory = // as sh writes it, whatever the locale of this test is
        List.of(
            "sh",
            "-c",
            "mkdir -p \"$0/$(printf 'daten-\\303\\274')\"; cd \"$0/\"daten*; LC_ALL=C exec \"$@\"",
            directory.toString());
    List<String> named =
        List.of(
            "sh",
            "-c",
            "LC_ALL=C exec \"$@\" -Ddatabase.url=jdbc:sqlite:$(printf 'daten-\\303\\274')/x.db",
            "sh");
    // JDK 21 can't even load its own classes there, and says so with a trace before we are asked.
    boolean starts = Runtime.version().feature() > 21;
    for (List<String> way : starts ? List.of(inDirectory, named) : List.of(named)) {
      try (ServiceProcess service =
          ServiceProcess.launchBy(way, directory, "database.url=jdbc:sqlite:data/lastcall.db")) {
        assertEquals(2, service.awaitExit());
        String said = service.stderr();
        assertTrue(said.contains("database.url=") && said.contains("LC_ALL=C.UTF-8"), said);
      }
    }
    List<String> configured =
        List.of("sh", "-c", "LC_ALL=C exec \"$@\" --config $(printf 'k-\\303\\274.yaml')", "sh");
    try (ServiceProcess service = ServiceProcess.launchBy(configured, directory)) {
      assertEquals(2, service.awaitExit());
      String said = service.stderr();
      assertTrue(said.contains("--config") && said.contains("LC_ALL=C.UTF-8"), said);
    }
  }
}
