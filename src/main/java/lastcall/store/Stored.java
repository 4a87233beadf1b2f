package lastcall.store;

/** What the database made of a sign-up. */
public sealed interface Stored {
  /**
   * User and e-mail are committed.
   *
   * @param createdAt milliseconds since 1970
   */
  record Accepted(String id, long createdAt, String name, String email) implements Stored {}

  /**
   * Nothing is stored: an earlier request had this idempotency key, this name and this address. Its
   * password may have been another one.
   *
   * @param passwordHash of the earlier request
   */
  record Repeated(Accepted first, String passwordHash) implements Stored {}

  record AddressTaken() implements Stored {}

  /**
   * The address is taken, and the client must not learn it.
   *
   * @param asNew what it is told: no such user is stored
   */
  record Hidden(Accepted asNew) implements Stored {}

  /** The idempotency key belongs to another name or address. */
  record KeyReused() implements Stored {}
}
