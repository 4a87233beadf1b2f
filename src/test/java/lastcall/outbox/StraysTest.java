package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rows that are claimed by this process, and that none of its tasks works on. */
@Timeout(60)
final class StraysTest extends OutboxFixture {
  /** A result was committed on a primary that had not passed it on when it was lost. */
  @Test
  @Proves("P7")
  void aRowOfOursThatNobodyWorksOnIsFoundWithoutAnyTrouble() throws Exception {
    Duration lease = Duration.ofSeconds(1);
    var config = new AppConfig.Delivery(8, lease, 3, 5, LONG, LONG, DeliveryRate.NONE);
    Outbox other = outbox(database, config, events::add);
    other.start(false);
    signUp("a");
    awaitMail("sent null 1", "a");
    sql.execute("UPDATE outbox SET state = 'due', ended_at = NULL, owner = 'me'");
    TestDatabase.await("sent once more", () -> mailer.total() == 2);
    awaitMail("sent null 1", "a");
    assertEquals(0, count(DeliveryEvent.StoreTrouble.class));
    assertTrue(other.stopDispatching(LONG));
  }
}
