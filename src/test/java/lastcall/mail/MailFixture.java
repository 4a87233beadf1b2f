package lastcall.mail;

import java.time.Duration;
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig;
import lastcall.config.AppConfig.Tls;
import lastcall.kinds.MailKinds;
import org.jspecify.annotations.Nullable;

/** What the tests of this package share. */
public final class MailFixture {
  /** Bounds waits that are expected to end; not a measure of anything. */
  public static final Duration GUARD = Duration.ofSeconds(30);

  private MailFixture() {}

  public static AppConfig.Smtp smtp(Tls tls, Duration timeout, @Nullable String user) {
    return new AppConfig.Smtp(
        "localhost",
        25,
        user,
        user == null ? null : "secret",
        tls,
        "hello@lastcall.example",
        null,
        timeout,
        timeout,
        Duration.ZERO);
  }

  static AppConfig.Smtp smtpWithHelo(String helo) {
    return new AppConfig.Smtp(
        "localhost", 25, null, null, Tls.NONE, "a@example.org", helo, GUARD, GUARD, Duration.ZERO);
  }

  static SendProgress progress() {
    return new SendProgress(() -> true, SmtpListener.NONE, GUARD, GUARD);
  }

  /** Plain, without a login, with a timeout that no healthy answer meets. */
  public static AngusMailer mailer(int port) {
    return mailer(port, GUARD);
  }

  public static AngusMailer mailer(int port, Duration timeout) {
    return new AngusMailer(
        smtp(Tls.NONE, timeout, null), "127.0.0.1", port, 8, MailKinds.ALL, SmtpListener.NONE);
  }

  public static AngusMailer mailer(int port, AppConfig.Smtp smtp, SSLSocketFactory tls) {
    return new AngusMailer(
        smtp, "localhost", port, 8, MailKinds.ALL, GUARD, tls, SmtpListener.NONE);
  }

  public static OutgoingMail mail(String id) {
    return new OutgoingMail(id + "@lastcall.example", "welcome", "ann@example.org", "Ann");
  }

  public static SmtpFailure failure(SendOutcome outcome) {
    return switch (outcome) {
      case SendOutcome.Refused r -> r.failure();
      case SendOutcome.Deferred d -> d.failure();
      case SendOutcome.ServerTrouble t -> t.failure();
      case SendOutcome.Unknown u -> u.failure();
      case SendOutcome.Sent s -> throw new AssertionError("it was sent");
      case SendOutcome.NotSent n -> throw new AssertionError("it was not sent: " + n.reason());
      case SendOutcome.Failed f -> throw new AssertionError(f.thrown());
    };
  }
}
