package lastcall.store;

import org.jspecify.annotations.Nullable;

/**
 * A user to store together with the welcome e-mail.
 *
 * @param emailKey what makes the address unique
 * @param messageId of the welcome e-mail, its id in the outbox too
 */
public record NewUser(
    String id,
    String name,
    String email,
    String emailKey,
    String passwordHash,
    @Nullable String idempotencyKey,
    String messageId,
    @Nullable String traceparent) {
  @Override
  public String toString() {
    return "NewUser[" + id + "]"; // without address, name and hash
  }
}
