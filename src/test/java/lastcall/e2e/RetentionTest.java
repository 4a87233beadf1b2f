package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.testing.Scrape;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;

/** A service that deletes old e-mails while it serves. */
final class RetentionTest extends ServiceTest {
  private static final String FILL =
      "INSERT INTO outbox (id, user_id, created_at, state, due_at, attempts, ended_at)"
          + " SELECT 'm' || i, 'u', 1000 + i, 'sent', 1, 1, 1000 + i FROM"
          + " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
          + " SELECT i FROM n)";

  private void fill(ServiceProcess service, int rows) throws Exception {
    assertEquals(rows, service.rows().update(FILL.replace("%d", "" + rows)));
  }

  @Test
  void deletesBesideTheService() throws Exception {
    try (ServiceProcess service = start("retention.every=1s")) {
      fill(service, 700);
      signUp(service, 3);
      // A run may begin in the middle of what is stored here, so there may be several.
      int deleted = 0;
      for (int run = 1; deleted < 700; run++) {
        LogLine line = service.await("old e-mails were deleted", run);
        deleted += line.number("sent");
        assertEquals(0, line.number("not_sent"));
      }
      TestDatabase.await(
          "a run has ended",
          () -> {
            try {
              Scrape scrape = Scrape.of(service.port("management"));
              double at = scrape.value("lastcall_retention_last_success_timestamp_seconds");
              return at > 1_000_000_000
                  && scrape.value("lastcall_retention_deleted_rows_total") == 700;
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      smtp.awaitAccepted(3, ServiceProcess.GUARD);
      assertEquals(0, term(service));
      assertEquals(3, service.rows().count("outbox"));
    }
  }

  /** Its connection is closed in time, and so the last one that closes empties the WAL. */
  @Test
  void aStopInTheMiddleLeavesNoWal() throws Exception {
    try (ServiceProcess service = start("retention.every=1s")) {
      fill(service, 100_000);
      TestDatabase.await(
          "it deletes",
          () -> {
            try {
              return service.rows().count("outbox") < 99_000;
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      assertEquals(0, term(service));
      assertFalse(Files.exists(directory.resolve("lastcall.db-wal")));
      int left = service.rows().count("outbox");
      assertTrue(left > 1_000, "the stop came when it had deleted all but " + left);
    }
  }
}
