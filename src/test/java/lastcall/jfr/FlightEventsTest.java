package lastcall.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import lastcall.mail.SendOutcome;
import lastcall.outbox.DeliveryEvent;
import lastcall.shutdown.Deadline;
import lastcall.shutdown.ShutdownPhase;
import lastcall.shutdown.ShutdownSequence;
import lastcall.store.DueMail;
import lastcall.store.Result;
import lastcall.store.StoreEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recording holds. */
final class FlightEventsTest {
  private static final DueMail MAIL =
      new DueMail("id-1", 2, 0, "welcome", "ada@example.org", "Ada", null, 0);

  @TempDir private Path directory;
  private final FlightEvents flight = new FlightEvents();

  private void oneOfEach() {
    flight.on(new DeliveryEvent.Claimed(MAIL));
    flight.on(new DeliveryEvent.Began(MAIL));
    flight.on(new StoreEvent.Committing(3));
    flight.on(new StoreEvent.Committed(3, Duration.ofMillis(20)));
    flight.on(
        new DeliveryEvent.Ended(
            MAIL, new SendOutcome.NotSent("cut"), Result.sent(), Duration.ofSeconds(1)));
    ShutdownPhase.Step fails =
        until -> {
          throw new IllegalStateException("on purpose");
        };
    List<ShutdownPhase> phases =
        List.of(
            new ShutdownPhase("drain", "why", Duration.ofMinutes(1), until -> {}),
            new ShutdownPhase("cut", "why", Duration.ofMinutes(1), fails));
    int failed =
        new ShutdownSequence(FlightEvents.recorded(phases)).run(Deadline.in(Duration.ZERO));
    assertEquals(1, failed);
  }

  @Test
  void aRecordingHoldsIdsAndOutcomesAndNoAddress() throws Exception {
    try (Recording recording = new Recording()) {
      List.of("Claim", "Send", "Commit", "StopPhase")
          .forEach(name -> recording.enable("lastcall." + name).withThreshold(Duration.ZERO));
      recording.start();
      oneOfEach();
      recording.stop();
      Path file = directory.resolve("all.jfr");
      recording.dump(file);
      List<RecordedEvent> events = RecordingFile.readAllEvents(file);
      RecordedEvent claim = only(events, "Claim").getFirst();
      assertEquals("id-1", claim.getString("id"));
      assertEquals(2, claim.getInt("attempt"));
      RecordedEvent send = only(events, "Send").getFirst();
      assertEquals("id-1", send.getString("id"));
      assertEquals("not_sent", send.getString("outcome"));
      assertEquals("sent", send.getString("state"));
      RecordedEvent commit = only(events, "Commit").getFirst();
      assertEquals(3, commit.getInt("calls"));
      assertEquals(Duration.ofMillis(20), commit.getDuration("whole"));
      List<RecordedEvent> phases = only(events, "StopPhase");
      assertEquals(
          List.of("drain false", "cut true"),
          phases.stream()
              .sorted(Comparator.comparing(RecordedEvent::getStartTime))
              .map(p -> p.getString("phase") + " " + p.getBoolean("failed"))
              .toList());
      assertTrue(
          events.stream().noneMatch(event -> ("" + event).contains("ada@")), events::toString);
      assertTrue(
          events.stream().noneMatch(event -> ("" + event).contains("Ada")), events::toString);
    }
  }

  @Test
  void aRecordingWithoutThemHoldsNone() throws Exception {
    try (Recording recording = new Recording()) {
      List.of("Claim", "Send", "Commit", "StopPhase")
          .forEach(name -> recording.disable("lastcall." + name));
      recording.start();
      oneOfEach();
      recording.stop();
      Path file = directory.resolve("none.jfr");
      recording.dump(file);
      List<RecordedEvent> events = RecordingFile.readAllEvents(file);
      assertFalse(
          events.stream().anyMatch(e -> e.getEventType().getName().startsWith("lastcall.")),
          events::toString);
    }
  }

  private static List<RecordedEvent> only(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("lastcall." + name))
        .toList();
  }
}
