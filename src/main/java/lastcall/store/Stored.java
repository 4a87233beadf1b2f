package lastcall.store;

/** What the database made of a sign-up. */
public sealed interface Stored {
  /**
   * User and e-mail are committed: now, or with an earlier request of the same idempotency key.
   *
   * @param createdAt milliseconds since 1970
   */
  record Accepted(String id, long createdAt, String name, String email) implements Stored {}

  record AddressTaken() implements Stored {}

  /** The idempotency key belongs to another name or address. */
  record KeyReused() implements Stored {}
}
