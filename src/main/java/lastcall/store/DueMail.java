package lastcall.store;

/**
 * A claimed e-mail.
 *
 * @param id its Message-ID
 * @param attempts this one included
 * @param unknowns how often its final dot has gone unanswered
 */
public record DueMail(String id, int attempts, int unknowns, String email, String name) {
  @Override
  public String toString() {
    return "DueMail[" + id + ", attempts=" + attempts + "]"; // without address and name
  }
}
