package lastcall.store;

/** The database could not do it, or not in time. Nothing half done is left behind. */
public final class DatabaseException extends Exception {
  private static final long serialVersionUID = 1;

  DatabaseException(String message, Throwable cause) {
    super(message, cause);
  }

  DatabaseException(String message) {
    super(message);
  }
}
