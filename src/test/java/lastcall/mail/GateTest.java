package lastcall.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When it closes, how it probes, and when it opens. */
@Timeout(60)
final class GateTest extends GateFixture {
  @Test
  void opensAndCloses() {
    openWide();
    assertEquals(Duration.ZERO, gate.untilProbe());
    begin("a", "b");
    end("a", DOWN);
    assertTrue(gate.closed());
    assertEquals(0, gate.permits(32));
    long wait = gate.untilProbe().toMillis();
    assertTrue(wait <= 500, "first probe after " + wait + " ms");
    awaitProbe();
    assertEquals(1, gate.permits(32));
    assertEquals(0, gate.permits(0));
    begin("b");
    assertEquals(0, gate.permits(32), "one at a time");
    end("b", DOWN);
    begin("c");
    end("c", SENT);
    assertEquals(
        List.of(new Gate.Change.Closed(DOWN, "CONNECT 0"), new Gate.Change.Opened()), changes);
  }

  /** A server that refuses a connection now and then. */
  @Test
  void anOutageThatTheFirstProbeEndsIsNotToldOf() {
    for (int i = 0; i < 30; i++) {
      begin("a");
      end("a", DOWN);
      assertTrue(gate.closed());
      begin("a");
      end("a", SENT);
      assertFalse(gate.closed());
    }
    assertEquals(List.of(), changes);
  }

  /** Whatever the server says about an e-mail, it works. */
  @Test
  void anAnswerAboutAnEmailOpens() {
    for (SendOutcome answer :
        List.of(SENT, new SendOutcome.Refused(NO_USER), new SendOutcome.Deferred(NO_USER))) {
      begin("a");
      end("a", DOWN);
      assertEquals(0, gate.permits(32));
      begin("b");
      end("b", answer);
      assertFalse(gate.closed());
    }
  }

  /** Sends that were out when the gate closed end one by one, as late as their timeouts allow. */
  @Test
  void stragglersDontEndTheProbe() {
    begin("old-1", "old-2", "old-3", "old-4");
    end("old-1", WRONG_PASSWORD);
    begin("probe");
    end("old-2", DOWN);
    end("old-3", SENT);
    assertTrue(gate.closed(), "a server at its limit for a minute still ends what it has begun");
    end("old-4", UNKNOWN);
    assertEquals(0, gate.permits(32), "the probe is still out");
    end("probe", new SendOutcome.Failed(new IllegalStateException("expected")));
    begin("lost");
    assertEquals(0, gate.permits(32));
    gate.neverSent("lost");
    begin("sent");
    end("sent", SENT);
    assertFalse(gate.closed());
  }

  /** It was claimed together with the one that closed the gate, and begins just after it. */
  @Test
  void whatWasClaimedBeforeItClosedIsNoProbe() {
    begin("a");
    end("a", WRONG_PASSWORD);
    gate.begin("claimed with it"); // on a connection that is logged in
    end("claimed with it", SENT);
    assertTrue(gate.closed());
  }

  @Test
  void pausesDoubleUpToFiveSeconds() {
    begin("a");
    end("a", DOWN);
    pauses(DOWN, 1000, 2000, 4000, 5000, 5000);
    assertEquals(1, changes.size(), "closed once");
  }

  @Test
  @Proves("P5")
  void aRefusedLoginIsTriedAfterMinutes() {
    begin("a");
    end("a", WRONG_PASSWORD);
    assertTrue(gate.untilProbe().toSeconds() >= 5, "first pause " + gate.untilProbe());
    pauses(WRONG_PASSWORD, 60_000, 300_000, 300_000);
    assertEquals(1, changes.size(), "told once");
    begin("down");
    end("down", DOWN);
    assertTrue(gate.untilProbe().toMillis() <= 500, "the login may be mended meanwhile");
    begin("logged in before");
    end("logged in before", SENT);
    begin("b");
    end("b", WRONG_PASSWORD);
    assertTrue(gate.untilProbe().toMinutes() >= 4, "no new beginning: " + gate.untilProbe());
  }

  private void pauses(SmtpFailure failure, long... most) {
    for (long longest : most) {
      begin("probe"); // its time has not come, but it may
      end("probe", failure);
      long wait = gate.untilProbe().toMillis();
      assertTrue(wait <= longest && wait > longest * 3 / 5, wait + " of " + longest);
    }
  }

  @Test
  void threeSilencesInARowClose() {
    begin("a", "b", "c", "d", "e");
    end("a", UNKNOWN);
    end("b", UNKNOWN);
    end("c", SENT);
    end("d", UNKNOWN);
    end("e", UNKNOWN);
    assertFalse(gate.closed());
    begin("f");
    end("f", UNKNOWN);
    assertTrue(gate.closed());
    begin("g");
    end("g", UNKNOWN); // one is enough now
    assertTrue(gate.untilProbe().toMillis() > 500, "the pause has grown");
  }

  @Test
  void sendsThatWeCutSayNothingAboutTheServer() {
    begin("a", "b", "c", "d", "e");
    gate.stop();
    end("a", UNKNOWN);
    end("b", UNKNOWN);
    end("c", UNKNOWN);
    end("d", DOWN);
    end("e", DROPPED);
    assertEquals(List.of(), changes);
  }
}
