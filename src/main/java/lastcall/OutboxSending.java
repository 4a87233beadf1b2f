package lastcall;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.UUID;
import lastcall.background.BackgroundScope;
import lastcall.config.AppConfig;
import lastcall.mail.Mailer;
import lastcall.outbox.Left;
import lastcall.outbox.Outbox;
import lastcall.shutdown.Deadline;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.SignupService;
import lastcall.store.DatabaseException;

/** Through the outbox: what this process does not send, the next start or another one does. */
final class OutboxSending implements Sending {
  private static final System.Logger LOG = System.getLogger(OutboxSending.class.getName());

  private final AppConfig.Drain mode;
  private final Mailer mailer;
  private final BackgroundScope background;
  private final Outbox outbox;
  private final SignupService signups;

  OutboxSending(SendingParts parts) {
    AppConfig config = parts.config();
    mode = config.shutdown().drain();
    mailer = parts.mailer();
    background =
        new BackgroundScope(
            "send",
            config.delivery().concurrency(),
            thrown -> LOG.log(Level.ERROR, "background task failed", "error", thrown));
    outbox =
        new Outbox(
            config.delivery(),
            parts.database().outbox(UUID.randomUUID().toString()),
            mailer,
            background,
            parts.listener());
    signups = parts.signups(parts.database().signups(), outbox::wake);
  }

  @Override
  public SignupOutcome signUp(SignupRequest request) {
    return signups.signUp(request);
  }

  @Override
  public void start(boolean afterAStop) throws DatabaseException, InterruptedException {
    outbox.start(afterAStop);
  }

  @Override
  public void countEndings() {
    outbox.countEndings();
  }

  @Override
  public void drain(Deadline deadline) throws InterruptedException {
    Deadline end = deadline.minus(Duration.ofSeconds(1));
    outbox.stopDispatching(end.remaining());
    outbox.drain(mode, end.remaining(), deadline.remaining());
  }

  @Override
  public void cut(Deadline deadline) throws InterruptedException {
    background.stop();
    mailer.cutUnsent();
    background.awaitIdle(deadline.minus(Duration.ofMillis(500)).remaining());
    mailer.cutAll(); // on platform threads the cancellation alone would not end a read
    background.close(Duration.ZERO);
  }

  @Override
  public Left release(Deadline until) throws InterruptedException {
    return outbox.release(
        mode,
        until.minus(Duration.ofMillis(150)).remaining(),
        until.minus(Duration.ofMillis(50)).remaining());
  }
}
