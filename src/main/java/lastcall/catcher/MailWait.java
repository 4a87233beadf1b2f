package lastcall.catcher;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Somebody who waits for an e-mail to one recipient. Holds a place until it is closed. */
public final class MailWait implements AutoCloseable {
  /** How a wait ends. */
  public sealed interface End {
    record Came(MailFile mail) implements End {}

    record TimedOut() implements End {}

    /** Nobody is there any more to be told. */
    record ClientLeft() implements End {}

    /** The mailbox was closed: no e-mail comes any more. */
    record Stopping() implements End {}
  }

  /** Which e-mails count: those that came after this number, and not before this instant. */
  public record Since(long number, Instant instant) {
    /** All. */
    public static final Since EVER = new Since(Long.MIN_VALUE, Instant.MIN);

    public static Since after(MailFile mail) {
      return new Since(mail.number(), Instant.MIN);
    }

    public static Since from(Instant instant) {
      return new Since(Long.MIN_VALUE, instant);
    }

    boolean counts(MailFile mail) {
      return mail.number() > number && !mail.received().isBefore(instant);
    }
  }

  private final Mailbox mailbox;
  private final String to;
  private final Since since;
  private final CompletableFuture<End> end = new CompletableFuture<>();

  MailWait(Mailbox mailbox, String to, Since since) {
    this.mailbox = mailbox;
    this.to = to.toLowerCase(Locale.ROOT);
    this.since = since;
  }

  /** Called by the thread that has stored this e-mail, before its 250. */
  void tell(MailFile mail, List<String> recipients) {
    if (recipients.contains(to) && since.counts(mail)) {
      end.complete(new End.Came(mail));
    }
  }

  void stop() {
    end.complete(new End.Stopping());
  }

  /** Ends the wait. */
  public void clientLeft() {
    end.complete(new End.ClientLeft());
  }

  /**
   * Returns the first e-mail since then, or, without a since, the newest. It listened from its
   * beginning on, so that none can come between the look at what is there and the wait.
   */
  public End await(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    MailFile there = there(deadline);
    if (there != null) {
      return new End.Came(there);
    }
    try {
      return end.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return new End.TimedOut();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // it is only ever completed with an end
    }
  }

  private @Nullable MailFile there(long deadline) {
    MailFile found = null;
    for (MailFile mail : mailbox.all()) {
      boolean over = (end.isDone() && found == null) || System.nanoTime() - deadline > 0;
      boolean newest = found != null && since.equals(Since.EVER);
      if (over || newest || mail.number() <= since.number()) {
        return found;
      }
      if (since.counts(mail) && mailbox.recipients(mail).contains(to)) {
        found = mail;
      }
    }
    return found;
  }

  @Override
  public void close() {
    mailbox.end(this);
  }
}
