package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastcall.mail.SmtpFailure;
import lastcall.mail.SmtpPhase;
import lastcall.store.DueMail;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class GateTest {
  private static final SmtpFailure FAILURE =
      new SmtpFailure(SmtpPhase.CONNECT, 0, "", "", "connection refused");

  private final List<DeliveryEvent> events = new ArrayList<>();
  private final Gate gate = new Gate();

  @Test
  void opensAndCloses() {
    assertEquals(32, gate.permits(32));
    assertEquals(Duration.ZERO, gate.untilProbe());
    begin("a", "b");
    gate.trouble("a", FAILURE).ifPresent(events::add);
    assertEquals(0, gate.permits(32));
    long wait = gate.untilProbe().toMillis();
    assertTrue(wait <= 500, "first probe after " + wait + " ms");
    awaitProbe();
    assertEquals(1, gate.permits(32));
    assertEquals(0, gate.permits(0));
    begin("c");
    assertEquals(0, gate.permits(32), "one at a time");
    gate.answered().ifPresent(events::add);
    assertEquals(32, gate.permits(32));
    assertEquals(
        List.of(new DeliveryEvent.GateClosed(FAILURE), new DeliveryEvent.GateOpened()), events);
  }

  /** Sends that were out when the gate closed end one by one, as late as their timeouts allow. */
  @Test
  void stragglersDontEndTheProbe() {
    begin("old-1", "old-2", "old-3", "old-4");
    gate.trouble("old-1", FAILURE).ifPresent(events::add);
    awaitProbe();
    begin("probe");
    gate.trouble("old-2", FAILURE).ifPresent(events::add);
    gate.ended("old-3");
    gate.unanswered("old-4", FAILURE).ifPresent(events::add);
    awaitProbe();
    assertEquals(0, gate.permits(32), "the probe is still out");
    gate.ended("probe");
    assertEquals(1, gate.permits(32));
  }

  @Test
  void pausesDoubleUpToFiveSeconds() {
    begin("a");
    gate.trouble("a", FAILURE).ifPresent(events::add);
    for (long most : new long[] {1000, 2000, 4000, 5000, 5000}) {
      begin("probe"); // its time has not come, but it may
      gate.trouble("probe", FAILURE);
      long wait = gate.untilProbe().toMillis();
      assertTrue(wait <= most && wait > most * 3 / 5, wait + " of " + most);
    }
    assertEquals(1, events.size(), "closed once");
  }

  @Test
  void threeSilencesInARowClose() {
    begin("a", "b", "c", "d", "e");
    gate.unanswered("a", FAILURE).ifPresent(events::add);
    gate.unanswered("b", FAILURE).ifPresent(events::add);
    gate.answered().ifPresent(events::add);
    gate.unanswered("d", FAILURE).ifPresent(events::add);
    gate.unanswered("e", FAILURE).ifPresent(events::add);
    assertEquals(32, gate.permits(32));
    begin("f");
    gate.unanswered("f", FAILURE).ifPresent(events::add);
    assertEquals(0, gate.permits(32));
    awaitProbe();
    begin("g");
    gate.unanswered("g", FAILURE).ifPresent(events::add); // one is enough now
    assertEquals(0, gate.permits(32));
  }

  private void begin(String... ids) {
    gate.begin(List.of(ids).stream().map(id -> new DueMail(id, 1, "", "")).toList());
  }

  private void awaitProbe() {
    TestDatabase.await("time of the probe", () -> gate.untilProbe().isZero());
  }
}
