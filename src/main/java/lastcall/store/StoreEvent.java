package lastcall.store;

import java.time.Duration;

/**
 * What the writer does, for the log, the crash points and the tests. The listener is called on the
 * writer thread.
 */
public sealed interface StoreEvent {
  /**
   * Users and their e-mails are inserted; their commit is still to come.
   *
   * @param hidden sign-ups with a taken address that will be answered as if they were new
   */
  record SignupsInserted(int users, int hidden) implements StoreEvent {}

  /** Results are written; their commit is still to come. */
  record ResultsWritten(int results) implements StoreEvent {}

  /** What this owner had claimed is given back; the commit is still to come. */
  record Released(int mails) implements StoreEvent {}

  /** A group has run: the COMMIT is next. */
  record Committing(int calls) implements StoreEvent {}

  /**
   * The COMMIT has come back; no caller knows yet.
   *
   * @param took the statements and the COMMIT
   */
  record Committed(int calls, Duration took) implements StoreEvent {}

  /** The last commit is made. */
  record Closing() implements StoreEvent {}
}
