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

/** Whose fault it is, where one reply can't tell. */
@Timeout(60)
final class BlameTest extends GateFixture {
  /** The server drops the line at this recipient, each time. */
  @Test
  @Proves("P6")
  void oneRecipientDoesNotHoldUpTheOthers() {
    for (SmtpFailure failure : List.of(DROPPED, failure(SmtpPhase.RCPT, 421, "4.7.0"))) {
      begin("poison", "b");
      assertInstanceOf(SendOutcome.ServerTrouble.class, end("poison", failure));
      assertFalse(gate.closed());
      end("b", SENT);
      begin("poison");
      assertInstanceOf(SendOutcome.Deferred.class, end("poison", failure));
      end("poison", new SendOutcome.Refused(NO_USER)); // the end of it
    }
    assertEquals(List.of(), changes);
  }

  @Test
  @Proves("P6")
  void aLoneEmailWhoseLineDropsIsTriedThreeTimesForFree() {
    for (int i = 1; i <= 5; i++) {
      begin("poison");
      SendOutcome outcome = end("poison", DROPPED);
      assertEquals(i >= 3, outcome instanceof SendOutcome.Deferred, i + " gives " + outcome);
    }
    assertEquals(List.of(), changes);
  }

  /** The reply speaks of the server; one e-mail alone proves nothing, and holds up nobody. */
  @Test
  @Proves({"P5", "P6"})
  void aLoneEmailKeepsItsAttemptsAndWaitsLongerAndLonger() {
    for (SmtpFailure failure : List.of(FULL_DISK, QUOTA)) {
      List<Long> waits = new ArrayList<>();
      for (int i = 0; i < 11; i++) {
        begin("a");
        assertInstanceOf(SendOutcome.ServerTrouble.class, end("a", failure));
        waits.add(last.dueIn().toSeconds());
      }
      assertFalse(gate.closed());
      assertEquals(List.of(0L, 0L, 1L, 2L, 4L, 8L, 16L, 32L, 64L, 64L, 64L), waits);
      begin("a");
      end("a", SENT);
    }
    assertEquals(List.of(), changes);
  }

  @Test
  @Proves("P5")
  void twoEmailsThatMeetTroubleInARowClose() {
    for (SmtpFailure failure : List.of(DROPPED, FULL_DISK, QUOTA)) {
      begin("a", "b", "c");
      assertInstanceOf(SendOutcome.ServerTrouble.class, end("a", failure));
      assertFalse(gate.closed());
      assertInstanceOf(SendOutcome.ServerTrouble.class, end("b", failure));
      assertTrue(gate.closed());
      for (int i = 0; i < 5; i++) { // the probes take turns
        for (String id : List.of("a", "b", "c")) {
          begin(id);
          assertInstanceOf(SendOutcome.ServerTrouble.class, end(id, failure));
        }
      }
      for (String id : List.of("a", "b", "c")) {
        begin(id);
        end(id, SENT);
      }
    }
  }

  /** Two of them always come one after the other. */
  @Test
  @Proves("P6")
  void someRecipientsThatTheServerRefusesAsIfItWereOurFault() {
    SmtpFailure blocked = failure(SmtpPhase.RCPT, 554, "5.7.1");
    int refused = 0;
    int rounds = 0;
    for (; refused < 2 && rounds < 10; rounds++) {
      for (String id : List.of("a", "b")) {
        begin(id);
        refused += end(id, blocked) instanceof SendOutcome.Refused ? 1 : 0;
      }
      begin("good" + rounds);
      end("good" + rounds, SENT);
      assertFalse(gate.closed());
    }
    assertTrue(rounds <= 3, "rounds " + rounds);
  }

  @Test
  @Proves("P6")
  void manyRefusalsInARowAreKeptAndHoldUpNobody() {
    for (int i = 1; i <= 9; i++) {
      begin("m" + i);
      assertInstanceOf(SendOutcome.Refused.class, end("m" + i, NO_USER));
    }
    for (int i = 10; i <= 60; i++) {
      begin("m" + i);
      assertInstanceOf(SendOutcome.ServerTrouble.class, end("m" + i, NO_USER), "kept");
      assertTrue(last.dueIn().toSeconds() >= 1, "not at once");
    }
    assertEquals(names("m", 10).subList(1, 10), reopened, "the nine are due again");
    assertFalse(gate.closed());
    begin("good");
    end("good", SENT);
    assertEquals(
        List.of(new Gate.Change.RefusesAll(NO_USER), new Gate.Change.Opened()), changes, "told");
    for (int i = 1; i <= 60; i++) {
      begin("m" + i);
      SendOutcome again = end("m" + i, NO_USER);
      assertInstanceOf(SendOutcome.Refused.class, again, "others were sent, so it is m" + i);
    }
    assertEquals(9, reopened.size(), "once");
  }
}
