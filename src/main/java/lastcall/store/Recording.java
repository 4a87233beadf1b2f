package lastcall.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Records results of one owner: in the e-mail's row, and of what was not sent in attempts too. */
record Recording(GroupCommit writer, String owner)
    implements GroupCommit.Batch<Recording.Try, Boolean> {
  record Try(String id, Result result) {}

  private static final String RESULT =
      "UPDATE outbox SET due_at = %1$s + ?, state = ?, attempts = attempts - ?,"
          + " unknowns = unknowns + ?, last_error = NULLIF(?, ''),"
          + " ended_at = CASE WHEN ? = 'due' THEN NULL ELSE %1$s END,"
          + " owner = NULL WHERE id = ?"
          + OutboxStore.OURS;

  /** The attempt's number and the rest are the row's: the transaction has just written it. */
  private static final String ATTEMPT =
      """
      INSERT INTO attempts (mail_id, attempt, tries, ended_at, owner, state, reason)
      SELECT id, attempts + ?, 1, %1$s, ?, state, last_error FROM outbox WHERE id = ?
      ON CONFLICT (mail_id, attempt) DO UPDATE SET tries = attempts.tries + 1,
        ended_at = excluded.ended_at, owner = excluded.owner, state = excluded.state,
        reason = excluded.reason\
      """;

  @Override
  public List<Boolean> run(Sql sql, List<Try> tries) throws SQLException {
    List<Boolean> owned =
        sql.updateEach(
            RESULT, tries.stream().map(each -> each.result().row(each.id(), owner)).toList());
    List<Object[]> failed = new ArrayList<>(); // mostly none: then there is no second statement
    for (int i = 0; i < tries.size(); i++) {
      Result result = tries.get(i).result();
      if (owned.get(i) && !result.reason().isEmpty()) {
        failed.add(Sql.row(result.counted() ? 0 : 1, owner, tries.get(i).id()));
      }
    }
    sql.updateEach(ATTEMPT, failed);
    writer.tell(new StoreEvent.ResultsWritten(tries.size()));
    return owned;
  }
}
