package lastcall.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The order of cut and dot, step by step. */
class SendProgressTest {
  private static final long LATE = System.nanoTime() + MailFixture.GUARD.multipliedBy(9).toNanos();
  private final SendProgress progress = MailFixture.progress();
  private final Socket socket = new Socket();

  @Test
  void theCutFirst() throws IOException {
    progress.attach(socket);
    progress.enter(SmtpPhase.DATA);
    progress.cut();
    assertTrue(socket.isClosed());
    assertFalse(progress.passDot());
    assertInstanceOf(SendOutcome.NotSent.class, progress.outcome());
  }

  @Test
  void theDotFirst() throws IOException {
    progress.attach(socket);
    assertTrue(progress.passDot());
    progress.cut();
    assertFalse(socket.isClosed());
    progress.cutAll();
    assertTrue(socket.isClosed());
    assertInstanceOf(SendOutcome.Unknown.class, progress.outcome());
  }

  @Test
  void aReplyBeatsACutThatComesAfterIt() throws IOException {
    progress.attach(socket);
    assertTrue(progress.passDot());
    progress.answered(250, "250 taken");
    progress.cutAll();
    assertInstanceOf(SendOutcome.Sent.class, progress.outcome());
  }

  @Test
  void aCutBeforeThereIsASocket() {
    progress.cut();
    assertThrows(SocketException.class, () -> progress.attach(socket));
    assertTrue(socket.isClosed());
    assertFalse(progress.connectionUsedUp(), "no second try");
  }

  @Test
  void aCutThatComesTooLateDoesNotHitTheNextUserOfTheConnection() throws IOException {
    progress.attach(socket);
    progress.detach();
    progress.cutAll();
    progress.sweep(LATE);
    assertFalse(socket.isClosed());
  }

  @Test
  void aConnectionThatIsAboutToBeClosedIsNotForTheNextUser() throws IOException {
    AtomicReference<Boolean> reusable = new AtomicReference<>();
    // The sender detaches just when the thread that ends the send has picked the socket.
    Socket picked =
        new Socket() {
          @Override
          public void close() {
            reusable.set(progress.detach());
          }
        };
    progress.attach(picked);
    assertTrue(progress.passDot());
    progress.sweep(LATE);
    assertEquals(false, reusable.get());
    SendProgress undisturbed = MailFixture.progress();
    undisturbed.attach(socket);
    assertTrue(undisturbed.detach());
  }

  @Test
  void timeUpIsTheServersTroubleAndUnknownAfterTheDot() throws IOException {
    progress.attach(socket);
    progress.enter(SmtpPhase.RCPT);
    progress.sweep(LATE);
    assertInstanceOf(SendOutcome.ServerTrouble.class, progress.outcome());
    SendProgress late = MailFixture.progress();
    assertTrue(late.passDot());
    late.sweep(LATE);
    assertInstanceOf(SendOutcome.Unknown.class, late.outcome());
  }

  @Test
  void aFailureTextIsShort() {
    progress.enter(SmtpPhase.RCPT);
    progress.answered(550, "550 5.1.1 " + "x".repeat(1_000));
    SmtpFailure failure = MailFixture.failure(progress.outcome());
    assertEquals(500, failure.text().length());
    assertEquals("5.1.1", failure.enhanced());
  }
}
