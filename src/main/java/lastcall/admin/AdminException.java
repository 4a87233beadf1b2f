package lastcall.admin;

import org.jspecify.annotations.Nullable;

/** The database could not be asked, or the action was not done; the message says why. */
public final class AdminException extends Exception {
  private static final long serialVersionUID = 1;

  AdminException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
