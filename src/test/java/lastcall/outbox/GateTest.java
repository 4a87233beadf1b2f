package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lastcall.mail.SendOutcome;
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
  private static final SendOutcome TROUBLE = new SendOutcome.ServerTrouble(FAILURE);
  private static final SendOutcome UNKNOWN = new SendOutcome.Unknown(FAILURE);
  private static final SendOutcome SENT = new SendOutcome.Sent();

  private final List<DeliveryEvent> events = new ArrayList<>();
  private final Gate gate = new Gate();

  @Test
  void opensAndCloses() {
    assertEquals(32, gate.permits(32));
    assertEquals(Duration.ZERO, gate.untilProbe());
    begin("a", "b");
    end("a", TROUBLE);
    assertTrue(gate.closed());
    assertEquals(0, gate.permits(32));
    long wait = gate.untilProbe().toMillis();
    assertTrue(wait <= 500, "first probe after " + wait + " ms");
    awaitProbe();
    assertEquals(1, gate.permits(32));
    assertEquals(0, gate.permits(0));
    begin("c");
    assertEquals(0, gate.permits(32), "one at a time");
    end("c", SENT);
    assertEquals(32, gate.permits(32));
    assertEquals(
        List.of(new DeliveryEvent.GateClosed(FAILURE), new DeliveryEvent.GateOpened()), events);
  }

  /** Whatever the server says about an e-mail, it works. */
  @Test
  void anAnswerAboutAnEmailOpens() {
    for (SendOutcome answer :
        List.of(SENT, new SendOutcome.Refused(FAILURE), new SendOutcome.Deferred(FAILURE))) {
      end("a", TROUBLE);
      assertEquals(0, gate.permits(32));
      end("b", answer);
      assertEquals(32, gate.permits(32));
    }
  }

  /** Sends that were out when the gate closed end one by one, as late as their timeouts allow. */
  @Test
  void stragglersDontEndTheProbe() {
    begin("old-1", "old-2", "old-3", "old-4");
    end("old-1", TROUBLE);
    awaitProbe();
    begin("probe");
    end("old-2", TROUBLE);
    end("old-3", new SendOutcome.NotSent("cut"));
    end("old-4", UNKNOWN);
    awaitProbe();
    assertEquals(0, gate.permits(32), "the probe is still out");
    end("probe", new SendOutcome.Failed(new IllegalStateException("expected")));
    assertEquals(1, gate.permits(32));
    begin("lost");
    assertEquals(0, gate.permits(32));
    gate.neverSent("lost");
    assertEquals(1, gate.permits(32));
  }

  @Test
  void pausesDoubleUpToFiveSeconds() {
    begin("a");
    end("a", TROUBLE);
    for (long most : new long[] {1000, 2000, 4000, 5000, 5000}) {
      begin("probe"); // its time has not come, but it may
      end("probe", TROUBLE);
      long wait = gate.untilProbe().toMillis();
      assertTrue(wait <= most && wait > most * 3 / 5, wait + " of " + most);
    }
    assertEquals(1, events.size(), "closed once");
  }

  @Test
  void threeSilencesInARowClose() {
    begin("a", "b", "c", "d", "e");
    end("a", UNKNOWN);
    end("b", UNKNOWN);
    end("c", SENT);
    end("d", UNKNOWN);
    end("e", UNKNOWN);
    assertEquals(32, gate.permits(32));
    begin("f");
    end("f", UNKNOWN);
    assertEquals(0, gate.permits(32));
    awaitProbe();
    begin("g");
    end("g", UNKNOWN); // one is enough now
    assertEquals(0, gate.permits(32));
  }

  @Test
  void sendsThatWeCutSayNothingAboutTheServer() {
    begin("a", "b", "c");
    gate.stop();
    end("a", UNKNOWN);
    end("b", UNKNOWN);
    end("c", UNKNOWN);
    assertEquals(List.of(), events);
  }

  private void begin(String... ids) {
    gate.begin(Stream.of(ids).map(id -> new DueMail(id, 1, "", "")).toList());
  }

  private void end(String id, SendOutcome outcome) {
    gate.ended(id, outcome).ifPresent(events::add);
  }

  private void awaitProbe() {
    TestDatabase.await("time of the probe", () -> gate.untilProbe().isZero());
  }
}
