package lastcall.store;

/**
 * What is still to be sent; each count goes up to a cap, since counting a million rows takes most
 * of a second.
 *
 * @param due could be claimed now
 * @param claimed by any owner
 * @param later retries whose time has not come; while the outbox is paused, what is due too
 */
public record Pending(long due, long claimed, long later) {
  public long now() {
    return due + claimed;
  }
}
