package lastcall.store;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the database's clock was set back, and makes due what would otherwise wait until it
 * has caught up: e-mails stored or put off while it was ahead.
 */
final class ClockWatch {
  /** Steps below this are ignored: clocks are slewed by less, and an e-mail may wait so long. */
  private static final long TOLERANCE_MILLIS = 1000;

  /** Rows mended in one transaction: with more, PostgreSQL's statement_timeout could end each. */
  private static final int MOST = 10_000;

  /** What the database's clock said, and when by nanoTime. */
  private record Reading(long millis, long nanos) {}

  private volatile long longestWait = Duration.ofDays(1).toMillis();
  private volatile @Nullable Reading committed;
  private volatile @Nullable Reading read;

  /** No retry is put off for longer than this. */
  void longestWait(Duration wait) {
    longestWait = wait.toMillis();
  }

  /**
   * Called by the writer, in its transaction. The first look mends what happened before the start.
   *
   * @param now the database's clock
   * @param asked nanoTime before it was asked: a stall in between must not look like a step
   * @return null when there was nothing to mend
   */
  @Nullable ClockStep look(Sql sql, long now, long asked, Duration lease) throws SQLException {
    Reading before = committed;
    long back = before == null ? 0 : before.millis + (asked - before.nanos) / 1_000_000 - now;
    boolean stepped = back > TOLERANCE_MILLIS;
    int mails = before == null || stepped ? becomeDue(sql) : 0;
    if (stepped) {
      // A live owner extends its lease again; a dead one's would end when the clock has caught up.
      // Not at the start: another instance may have a longer lease, and no clock was set back.
      sql.update(
          "UPDATE outbox SET due_at = %1$s + ? WHERE owner IS NOT NULL AND due_at > %1$s + ?",
          lease.toMillis(), lease.toMillis());
    }
    if (mails < MOST) { // otherwise the next look sees the same step, and goes on
      read = new Reading(now, System.nanoTime());
    }
    return stepped || mails > 0 ? new ClockStep(stepped ? back : 0, mails) : null;
  }

  /** The transaction of the last look is committed. If it never is, the next look mends again. */
  void committed() {
    committed = read;
  }

  /** Nothing was created in the future, and nothing waits longer than the longest wait. */
  private int becomeDue(Sql sql) throws SQLException {
    return sql.update(
        """
        UPDATE outbox SET due_at = %1$s WHERE id IN (
          SELECT id FROM outbox WHERE state = 'due' AND owner IS NULL AND due_at > %1$s
            AND (created_at > %1$s OR due_at > %1$s + ?)
          ORDER BY due_at LIMIT \
        """
            + MOST
            + " "
            + sql.dialect().skipLocked()
            + ")",
        longestWait);
  }
}
