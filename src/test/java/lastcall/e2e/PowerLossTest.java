package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Power loss, as far as a process can prove it: the order of its system calls, told by strace. */
final class PowerLossTest extends ServiceTest {
  private static final int CLIENTS = 8;
  private static final int EACH = 10;

  /** What begins: the call, its file, for a write the text (in hex unless plain) and length. */
  private static final Pattern BEGUN =
      Pattern.compile("\\d+ +(\\w+)\\(\\d+<([^>]*)>(?:, \"(.*)\"[.]*, (\\d+))?.*");

  private static final Pattern ENDED_WELL = Pattern.compile("\\d+ .*\\bf(data)?sync\\b.* = 0");
  private static final Pattern HEX = Pattern.compile("\\\\x(..)");

  private final Set<String> written = new TreeSet<>(); // to the database's log, and not synced yet
  private final Set<String> synced = new TreeSet<>();
  private final Set<String> answered = new TreeSet<>();
  private boolean committing; // the frame that was written last ends a commit
  private String syncing = ""; // the thread that syncs the log

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  @Proves("P4")
  void no202LeavesBeforeTheSyncThatCoversItsCommit() throws Exception {
    Path trace = directory.resolve("trace");
    try (ServiceProcess service = start()) {
      Process strace = strace(service.pid(), trace);
      try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
        int port = service.port();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
          String name = "client" + client;
          tasks.add(() -> signUp(port, name));
        }
        for (Future<Void> client : clients.invokeAll(tasks)) {
          client.get();
        }
      } finally {
        detach(strace);
      }
      assertEquals(0, term(service));
    }
    read(trace, "HTTP/1.1 202", "client\\d\\.\\d@example\\.org");
    assertEquals(CLIENTS * EACH, answered.size(), "the 202 found in the trace");
  }

  /** Or an e-mail counts as recorded, its lease ends, and after the power is back it is due. */
  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  @Proves("P4")
  void noResultCountsAsRecordedBeforeTheSyncThatCoversItsCommit() throws Exception {
    Path trace = directory.resolve("trace");
    try (ServiceProcess main =
        ServiceProcess.other(RecordingMain.class, directory, directory.toString())) {
      main.await("ready");
      Process strace = strace(main.pid(), trace);
      try {
        Files.createFile(directory.resolve("go"));
        main.awaitExit();
      } finally {
        detach(strace);
      }
    }
    read(trace, "\"recorded result", "result\\d+\\.");
    assertEquals(
        RecordingMain.CLIENTS * RecordingMain.EACH, answered.size(), "the lines in the trace");
  }

  /** Then it writes what it has. */
  private static void detach(Process strace) throws InterruptedException {
    strace.destroy();
    assertTrue(strace.waitFor(30, TimeUnit.SECONDS), "strace does not detach");
  }

  private void read(Path trace, String answer, String token) throws IOException {
    Pattern what = Pattern.compile(token);
    try (Stream<String> lines = Files.lines(trace)) {
      lines.forEach(line -> read(line, answer, what));
    }
  }

  private static Process strace(long pid, Path trace) throws IOException {
    String calls = "fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg";
    // All of a page of 4096 bytes, since an address may be anywhere in it.
    String command = "strace -f -y -x -s 4096 -e trace=" + calls + " -p " + pid + " -o";
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.add(trace.toString());
    Process strace;
    try {
      strace = new ProcessBuilder(words).redirectErrorStream(true).start();
    } catch (IOException e) {
      return abort("no strace here: " + e.getMessage());
    }
    String said = strace.inputReader().readLine(); // once it traces
    if (said == null || !said.contains(" attached")) {
      return abort("strace may not trace here: " + said);
    }
    return strace;
  }

  private static Void signUp(int port, String name) throws IOException {
    try (SignupClient client = new SignupClient(port)) {
      for (int i = 0; i < EACH; i++) {
        assertEquals(202, client.signUp(name + "." + i + "@example.org").status());
      }
    }
    return null;
  }

  /** Lines are in the order of events. A call in whose midst another thread's fell has two. */
  private void read(String line, String answer, Pattern token) {
    Matcher begun = BEGUN.matcher(line);
    if (begun.matches()) {
      boolean log = begun.group(2).endsWith("lastcall.db-wal");
      if (begun.group(1).endsWith("sync")) {
        syncing = log && committing ? line.substring(0, line.indexOf(' ') + 1) : syncing;
      } else if (log) {
        logged(text(begun.group(3)), begun.group(4), token);
      } else if (line.contains(answer)) {
        Matcher address = token.matcher(line);
        assertTrue(address.find(), line);
        assertTrue(synced.contains(address.group()), () -> "answered before the sync: " + line);
        answered.add(address.group());
      }
    }
    if (!syncing.isEmpty() && line.startsWith(syncing) && ENDED_WELL.matcher(line).matches()) {
      syncing = "";
      synced.addAll(written);
      written.clear();
    }
  }

  /** A frame is a header of 24 bytes and a page; in a commit's last header bytes 4 to 7 are set. */
  private void logged(String text, String length, Pattern token) {
    if (length.equals("24")) {
      committing = !text.startsWith("\0\0\0\0", 4);
    }
    token.matcher(text).results().forEach(found -> written.add(found.group()));
  }

  private static String text(String traced) {
    return HEX.matcher(traced)
        .replaceAll(
            hex -> Matcher.quoteReplacement("" + (char) Integer.parseInt(hex.group(1), 16)));
  }
}
