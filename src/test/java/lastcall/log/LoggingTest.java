package lastcall.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoggingTest {
  /** stderr may be a full pipe as well, and a virtual thread that prints to it keeps a carrier. */
  @Test
  void whatNobodyCatchesIsALineOfTheLogAndNotOfStderr(@TempDir Path directory) throws Exception {
    try (ServiceProcess process = ServiceProcess.other(UncaughtMain.class, directory)) {
      assertEquals(1, process.awaitExit());
      assertEquals(
          List.of(
              "sender java.lang.IllegalStateException: on purpose",
              "main java.lang.AssertionError: as well"),
          process.log("thread ended by an error").stream()
              .map(line -> line.get("thread") + " " + line.get("error"))
              .toList());
      assertEquals("", process.stderr());
    }
  }
}
