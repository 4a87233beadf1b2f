package lastcall.lab;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a process can be made to end, in the order in which a sign-up passes. */
public enum CrashPoint {
  /** User and e-mail are inserted; the transaction is open. */
  AFTER_INSERT,
  /** The COMMIT of a sign-up is next. */
  BEFORE_COMMIT,
  /** The COMMIT has come back; the sign-up does not know yet. */
  AFTER_COMMIT,
  /** The sign-up is accepted; not a byte of its 202 is written. */
  BEFORE_202,
  /** An e-mail is claimed; its send has not begun. */
  AFTER_CLAIM,
  /** The server has answered RCPT; DATA is next. */
  AFTER_RCPT,
  /** The server has answered DATA with 354; the text is next. */
  IN_DATA,
  /** The final dot is out; its answer is not read. */
  AFTER_DOT,
  /** The answer to the dot is read; the result has not reached the writer. */
  AFTER_250,
  /** The result is written; the transaction is open. */
  IN_RESULTS,
  /** The COMMIT of the result has come back; nobody knows yet. */
  AFTER_RESULTS,
  /** The stop gives back what was claimed; the transaction is open. */
  IN_RELEASE,
  /** The last commit of the stop is made; the database is not closed. */
  BEFORE_CLOSE;

  /** The server has the e-mail, and its result is not committed: no order of steps avoids that. */
  public boolean mayDuplicate() {
    return this == AFTER_DOT || this == AFTER_250 || this == IN_RESULTS;
  }

  /** Only a process that was told to stop comes by. */
  public boolean atStop() {
    return this == IN_RELEASE || this == BEFORE_CLOSE;
  }

  /** Passed by sign-ups, whether e-mails are sent or not. */
  public boolean atSignup() {
    return compareTo(AFTER_CLAIM) < 0;
  }

  /** Such as {@code after-insert}. */
  public String spelled() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<CrashPoint> named(String name) {
    return Arrays.stream(values()).filter(point -> point.spelled().equals(name)).findFirst();
  }
}
