package lastcall.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a figure depends on besides the code and the plan. */
final class Machine {
  private static final Pattern MODEL = Pattern.compile("model name\\s*: (.*)");

  private Machine() {}

  /** As it is now: the load average is that before the bench's own load. */
  static Map<String, Object> describe(Path directory) throws IOException {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return Figure.map(
        "processors", system.getAvailableProcessors(),
        "processor_model", model(),
        "memory_mib", (int) (system.getTotalMemorySize() >> 20),
        "load_average_before", system.getSystemLoadAverage(),
        "os", system.getName() + " " + system.getVersion(),
        "file_system", Files.getFileStore(directory).type(),
        "jdk", System.getProperty("java.vendor") + " " + Runtime.version(),
        "java_flags",
            JavaCommand.of(List.of(), directory, List.of()).stream()
                .filter(argument -> argument.matches("-X.*|--enable.*"))
                .toList(),
        "git", git());
  }

  private static String model() {
    try {
      Matcher model = MODEL.matcher(Files.readString(Path.of("/proc/cpuinfo")));
      return model.find() ? model.group(1) : "unknown";
    } catch (IOException e) {
      return "unknown"; // not Linux
    }
  }

  /** Of the working directory, where a developer builds. */
  private static String git() {
    ProcessBuilder git = new ProcessBuilder("git", "describe", "--always", "--dirty");
    try {
      return new String(git.start().getInputStream().readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      return ""; // not installed
    }
  }
}
