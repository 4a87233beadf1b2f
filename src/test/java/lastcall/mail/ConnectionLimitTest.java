package lastcall.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many e-mails the open gate lets through. */
@Timeout(60)
final class ConnectionLimitTest extends GateFixture {
  /** Not from 0 to 32 at once: a server that comes back gets no stampede. */
  @Test
  @Proves("P5")
  void beginsWithOneAndDoublesWithWhatIsAccepted() {
    for (int round = 0; round < 2; round++) {
      assertEquals(1, gate.permits(32));
      List<Integer> steps = new ArrayList<>();
      List<String> all = new ArrayList<>();
      while (gate.permits(32) > 0) {
        int permits = gate.permits(32);
        steps.add(permits);
        List<String> next = names("r" + round + "-" + all.size() + "-", permits);
        begin(next.toArray(String[]::new));
        assertEquals(0, gate.permits(32));
        next.forEach(gate::accepted);
        all.addAll(next);
      }
      assertEquals(List.of(1, 1, 2, 4, 8, 16), steps);
      all.forEach(id -> end(id, SENT));
      assertEquals(32, gate.permits(40));
      begin("x" + round);
      end("x" + round, DOWN);
      awaitProbe();
      begin("probe" + round);
      end("probe" + round, SENT);
    }
  }

  /** An e-mail now and then proves nothing about 32 at a time. */
  @Test
  void aLimitThatNothingHasUsedDoesNotGrow() {
    for (int i = 0; i < 100; i++) {
      begin("a" + i);
      gate.accepted("a" + i);
      end("a" + i, SENT);
    }
    assertEquals(2, gate.permits(32));
  }

  /** The server allows three connections. */
  @Test
  @Proves("P5")
  void learnsHowManyConnectionsTheServerTakes() {
    int refusals = 0;
    int sent = 0;
    List<String> open = new ArrayList<>();
    for (int i = 0; sent < 1000; i++) {
      List<String> next = names("m" + i + "-", gate.permits(32));
      begin(next.toArray(String[]::new));
      for (String id : next) {
        if (open.size() < 3) {
          open.add(id);
          gate.accepted(id);
        } else {
          refusals++;
          end(id, TOO_MANY);
        }
      }
      end(open.removeFirst(), SENT);
      sent++;
    }
    assertFalse(gate.closed());
    assertTrue(refusals <= 3, refusals + " connections were refused");
    open.forEach(id -> end(id, SENT));
    begin("alone");
    end("alone", DOWN);
    begin("alone");
    end("alone", DOWN);
    begin("probe");
    end("probe", SENT);
    for (int i = 0; i < 50; i++) {
      List<String> next = names("after" + i + "-", gate.permits(32));
      assertTrue(next.size() <= 3, "an outage does not make it forget the limit");
      begin(next.toArray(String[]::new));
      next.forEach(gate::accepted);
      next.forEach(id -> end(id, SENT));
    }
    assertEquals(
        List.of(
            new Gate.Change.Limited(3),
            new Gate.Change.Closed(DOWN, "CONNECT 0"),
            new Gate.Change.Opened()),
        changes);
  }

  /** By the time of the refusal, the sends that the server served may have ended. */
  @Test
  void oneRefusalIsNoReasonForASingleConnection() {
    begin("a");
    gate.accepted("a");
    begin("b");
    gate.accepted("b");
    begin("c", "d");
    gate.accepted("c");
    end("a", SENT);
    end("b", SENT);
    end("d", TOO_MANY);
    end("c", SENT);
    assertEquals(3, gate.permits(32));
  }

  /** A firewall or a server without 421 drops the line instead of a greeting. */
  @Test
  void aLineThatDropsWhileOthersAreServedWasOneTooMany() {
    openWide();
    begin("a", "b", "c");
    gate.accepted("a");
    end("a", SENT);
    end("c", failure(SmtpPhase.GREETING, 0, ""));
    assertFalse(gate.closed());
    end("b", SENT);
    begin("d");
    gate.accepted("d");
    end("d", SENT);
    assertInstanceOf(Gate.Change.Limited.class, changes.getLast());
    begin("e");
    end("e", failure(SmtpPhase.GREETING, 0, ""));
    assertTrue(gate.closed(), "it alone can't know");
  }

  @Test
  void aServerThatRefusesAllConnectionsClosesIt() {
    openWide();
    List<String> all = names("m", 32);
    begin(all.toArray(String[]::new));
    all.forEach(id -> end(id, TOO_MANY));
    assertTrue(gate.closed());
    begin("probe");
    end("probe", TOO_MANY);
    assertEquals(1, changes.size(), "one line: " + changes);
    begin("probe");
    gate.accepted("probe");
    end("probe", SENT);
    begin("next");
    gate.accepted("next");
    assertEquals(1, gate.permits(32), "it may grow at once");
  }
}
