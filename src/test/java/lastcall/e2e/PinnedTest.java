package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.Test;

/** A virtual thread that is pinned takes its carrier away from all requests and sends. */
final class PinnedTest extends ServiceTest {
  /** Sends and the phases of the stop, and every virtual thread that was pinned for longer. */
  private static final List<String> RECORDING =
      List.of(
          "settings=none",
          "+jdk.VirtualThreadPinned#enabled=true",
          "+jdk.VirtualThreadPinned#threshold=20ms",
          "+lastcall.Send#enabled=true",
          "+lastcall.StopPhase#enabled=true");

  @Test
  void noVirtualThreadIsPinnedUnderLoad() throws Exception {
    assumeTrue(
        Runtime.version().feature() >= 24,
        "before JDK 24 a virtual thread that waits for a monitor keeps its carrier");
    Path file = directory.resolve("load.jfr");
    try (ServiceProcess service = start()) {
      Set<String> accepted = new TreeSet<>(signUp(service, 50)); // a class that is loaded may pin
      smtp.awaitAccepted(50, ServiceProcess.GUARD);
      String said =
          service.jcmd("JFR.start", "name=load", "filename=" + file, String.join(" ", RECORDING));
      assertTrue(said.contains("Started recording"), said);
      try (SignupLoad load = new SignupLoad(service.port())) {
        load.await(500);
        accepted.addAll(load.stop());
      }
      assertEquals(0, term(service)); // which writes the file
      assertEquals(accepted, recipients());
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    assertEquals(List.of(), named(events, "jdk.VirtualThreadPinned"));
    List<RecordedEvent> sends = named(events, "lastcall.Send");
    assertTrue(sends.size() >= 500, () -> sends.size() + " sends recorded");
    assertTrue(sends.stream().allMatch(send -> send.getString("outcome").equals("sent")));
    List<String> phases =
        named(events, "lastcall.StopPhase").stream().map(p -> p.getString("phase")).toList();
    assertTrue(phases.contains("drain"), phases::toString);
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
  }
}
