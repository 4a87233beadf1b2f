package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpPhase;
import lastcall.outbox.DeliveryEvent;
import lastcall.store.DueMail;
import lastcall.store.Result;
import org.junit.jupiter.api.Test;

final class LiveSendsTest {
  private final LiveSends sends = new LiveSends();

  private static DueMail mail(String id) {
    return new DueMail(id, 1, 0, "welcome", "a@b.example", "Ada", null, 0);
  }

  @Test
  void aSendIsWhereItsThreadIs() throws InterruptedException {
    sends.on(new DeliveryEvent.Claimed(mail("a")));
    sends.on(new DeliveryEvent.Claimed(mail("b")));
    assertEquals(List.of("waiting", "waiting"), phases());
    assertEquals(LiveSends.IfCut.NOT_BEGUN, sends.running().getFirst().ifCut());
    Thread other =
        Thread.ofVirtual()
            .start(() -> {
              sends.on(new DeliveryEvent.Began(mail("b")));
              sends.awaiting(SmtpPhase.RCPT);
            });
    other.join();
    sends.on(new DeliveryEvent.Began(mail("a")));
    sends.awaiting(SmtpPhase.MAIL);
    sends.awaiting(SmtpPhase.DOT);
    assertEquals(List.of("dot", "rcpt"), phases());
    assertEquals(LiveSends.IfCut.AWAITS_ANSWER, sends.running().getFirst().ifCut());
    assertEquals(LiveSends.IfCut.GIVEN_BACK, sends.running().getLast().ifCut());
    sends.on(
        new DeliveryEvent.Ended(
            mail("a"), new SendOutcome.Sent(), Result.sent(), Duration.ofMillis(5)));
    assertEquals(List.of("rcpt"), phases());
    assertEquals("sent", sends.ended().getFirst().outcome());
    sends.awaiting(SmtpPhase.DATA); // a connection that is closed, after its send
    assertEquals(List.of("rcpt"), phases());
  }

  private List<String> phases() {
    return sends.running().stream().map(LiveSends.Send::phase).toList();
  }
}
