package lastcall.management;

/** Whether this instance should get sign-ups, and if not, why. */
public enum Readiness {
  READY,
  STARTING,
  /** The store can't commit. */
  DATABASE_DOWN,
  /** Nobody can connect to the API. */
  LISTENER_DOWN,
  /** A signal has come. */
  DRAINING
}
