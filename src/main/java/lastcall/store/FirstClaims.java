package lastcall.store;

/**
 * Lets this process claim an e-mail in the transaction that stores it. That saves the claim, one of
 * three writes of the row, and the wait for it. The writer calls it, so it must not block.
 */
public interface FirstClaims {
  /**
   * Asked before the e-mail is inserted, and once more when its group has failed and its sign-up is
   * tried alone.
   *
   * @param asked System.nanoTime() before the database was asked for its clock: the lease counts
   *     from there
   * @return true if it is to be stored as claimed
   */
  boolean claim(String id, long asked);

  /**
   * The transaction has ended.
   *
   * @param stored false when it was rolled back, or nobody knows
   */
  void ended(DueMail mail, boolean stored);
}
