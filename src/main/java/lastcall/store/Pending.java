package lastcall.store;

/**
 * What is still to be sent.
 *
 * @param due could be claimed now
 * @param claimed by any owner
 * @param later retries whose time has not come
 */
public record Pending(long due, long claimed, long later) {
  public long total() {
    return due + claimed + later;
  }
}
