package lastcall;

import lastcall.config.AppConfig;
import lastcall.mail.Mailer;
import lastcall.outbox.DeliveryListener;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupService;
import lastcall.store.Database;
import lastcall.store.SignupStore;

/** What {@link Sending} is built from. */
public record SendingParts(
    AppConfig config,
    PasswordHasher hasher,
    Database database,
    Mailer mailer,
    DeliveryListener listener) {
  /**
   * @param wake called after each sign-up that is stored; must not block
   */
  public SignupService signups(SignupStore store, Runnable wake) {
    return new SignupService(hasher, store, config.smtp().domain(), wake);
  }
}
