package lastcall.drill;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastcall.lab.StrategyMain;

/** The command line of a process like this one. */
final class JavaCommand {
  /** A script's background job has INT ignored, and its children would inherit that. */
  private static final List<String> ENV = List.of("env", "--default-signal=INT,HUP,TERM");

  private JavaCommand() {}

  /**
   * @param program the main class, and its first arguments
   * @param temporary what the process unpacks goes there, since a killed one leaves it behind
   */
  static List<String> of(List<String> program, Path temporary, List<String> arguments) {
    List<String> command = new ArrayList<>(envWorks() ? ENV : List.of());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    // As the start script has it; but the lab may have 100,000 tasks in memory.
    String heap = program.contains(StrategyMain.class.getName()) ? "-Xmx2g" : "-Xmx512m";
    command.addAll(List.of("-Xms64m", heap, "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
    command.addAll(inherited());
    String more = System.getenv().getOrDefault("LASTCALL_JAVA_OPTS", "").strip();
    command.addAll(more.isEmpty() ? List.of() : List.of(more.split(" +")));
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(program);
    command.addAll(arguments);
    return command;
  }

  /** The start script's cache and --enable-preview, if this process runs with them. */
  private static List<String> inherited() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option ->
            option.matches(
                "--enable-preview|-XX:(AOTCache|SharedArchiveFile)=.*|-Xlog:(aot|cds).*=off"))
        .toList();
  }

  /** Runs jcmd on the process, and returns what it says. */
  static String jcmd(long pid, Path directory, String... command) throws Exception {
    List<String> full = new ArrayList<>();
    full.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    full.add("" + pid);
    full.addAll(List.of(command));
    Path said = Files.createTempFile(directory, "jcmd", ".txt");
    Process jcmd =
        new ProcessBuilder(full).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    if (!jcmd.waitFor(10, TimeUnit.SECONDS)) {
      jcmd.destroyForcibly();
      return "jcmd does not answer";
    }
    return Files.readString(said, StandardCharsets.UTF_8);
  }

  /** Not everywhere: older coreutils and others know no such option. */
  private static boolean envWorks() {
    List<String> command = new ArrayList<>(ENV);
    command.add("true");
    try {
      Process process = new ProcessBuilder(command).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
