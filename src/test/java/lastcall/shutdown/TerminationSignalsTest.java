package lastcall.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastcall.testing.Fastest;
import lastcall.testing.Proves;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real processes get real signals. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TerminationSignalsTest {
  private static final String NOT_FORCED = "PT60S"; // longer than any test

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @CsvSource({"TERM, 15", "INT, 2", "HUP, 1"})
  void theFirstSignalStopsInPeace(String name, int number) throws Exception {
    Process process = start("orderly", NOT_FORCED);
    BufferedReader said = ready(process);
    signal(process, name);
    awaitLine(said, "draining " + name + " " + number + " true");
    for (int line = 1; line <= 20; line++) {
      assertEquals("line " + line, said.readLine());
    }
    assertEquals(0, process.waitFor());
  }

  @Test
  void aBurstIsOneSignal() throws Exception {
    long took;
    int status;
    do {
      Process process = start("drain", NOT_FORCED);
      BufferedReader said = ready(process);
      long begun = System.nanoTime();
      signal(process, "TERM");
      awaitLine(said, "draining TERM 15 true");
      signal(process, "TERM");
      took = System.nanoTime() - begun;
      status = process.waitFor();
      // Two that were held up on their way are no burst: once more.
    } while (took > TerminationSignals.BURST.toNanos() / 2);
    assertEquals(0, status);
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  @Proves("P3")
  void aSecondSignalForcesWithinASecond(String second, int status) throws Exception {
    Fastest.within(
        Duration.ofSeconds(1),
        "the end after a second " + second,
        () -> {
          Process process = start("hang", NOT_FORCED);
          BufferedReader said = ready(process);
          signal(process, "TERM");
          awaitLine(said, "burst over");
          long begun = System.nanoTime();
          signal(process, second);
          assertEquals(status, process.waitFor());
          Duration took = Duration.ofNanos(System.nanoTime() - begun);
          assertEquals(
              "stopped server forced=true status=" + status, process.inputReader().readLine());
          return took;
        });
  }

  /** With a socket that a virtual thread reads, as ever: then ending the JVM takes 0.3 s. */
  @ParameterizedTest
  @CsvSource({"hang", "flood"})
  @Proves("P8")
  void aStopThatHangsIsGoneWhenItsTimeIsUp(String mode) throws Exception {
    Duration time = Duration.ofMillis(1200);
    Fastest.within(
        time,
        "the end of a stop, mode " + mode,
        () -> {
          Process process = start(mode, time.toString());
          ready(process);
          long begun = System.nanoTime();
          signal(process, "TERM");
          assertEquals(143, process.waitFor());
          Duration took = Duration.ofNanos(System.nanoTime() - begun);
          if (mode.equals("hang")) { // of the flood nobody has read a byte
            assertEquals("stopped server forced=true status=143", process.inputReader().readLine());
          }
          return took;
        });
  }

  @Test
  void withoutHandlersAnExitStillRunsTheStopToItsEnd() throws Exception {
    Process process = start("exit", NOT_FORCED, "-Xrs");
    BufferedReader said = ready(process);
    process.outputWriter().append("now\n").flush();
    awaitLine(said, "draining TERM 15 true");
    for (int line = 1; line <= 20; line++) {
      assertEquals("line " + line, said.readLine());
    }
    assertEquals(3, process.waitFor(), "the status is that of the exit");
  }

  @Test
  void withoutHandlersAStopThatHangsIsForcedAsWell() throws Exception {
    Process process = start("exit-hang", "PT0.3S", "-Xrs");
    ready(process);
    process.outputWriter().append("now\n").flush();
    assertEquals(143, process.waitFor());
  }

  @Test
  void withoutHandlersASignalEndsTheProcessAtOnce() throws Exception {
    Process process = start("hang", NOT_FORCED, "-Xrs");
    ready(process);
    signal(process, "TERM");
    assertEquals(143, process.waitFor());
    assertNull(process.inputReader().readLine(), "the documented limit: nothing is said");
  }

  private Process start(String mode, String forceAfter, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("os.name").equals("Linux")) {
      // A script's background job has INT ignored, and its children would inherit that.
      command.addAll(List.of("env", "--default-signal=INT,HUP,TERM"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // As this JVM, which has it if the JDK's compiler asked for it.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter("--enable-preview"::equals)
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(options));
    command.addAll(List.of(SignalledMain.class.getName(), mode, forceAfter));
    Process process = new ProcessBuilder(command).start();
    started.add(process);
    return process;
  }

  /** Waits until the handlers are in place; what it says comes on stderr. */
  private static BufferedReader ready(Process process) throws IOException {
    BufferedReader said = process.errorReader();
    awaitLine(said, "ready");
    return said;
  }

  /** Reads on until the line; others, such as the log's, may stand before it. */
  private static void awaitLine(BufferedReader said, String line) throws IOException {
    List<String> others = new ArrayList<>();
    String read = said.readLine();
    while (!line.equals(read)) {
      assertNotNull(read, () -> "no line '" + line + "' but " + others);
      others.add(read);
      read = said.readLine();
    }
  }

  private static void signal(Process process, String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
    assertTrue(kill.waitFor(20, TimeUnit.SECONDS) && kill.exitValue() == 0, name + " not sent");
  }
}
