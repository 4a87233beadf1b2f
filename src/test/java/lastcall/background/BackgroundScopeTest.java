package lastcall.background;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BackgroundScopeTest {
  @Test
  void runsATaskAndCloses() throws Exception {
    var scope = new BackgroundScope("send", 2, Throwable::printStackTrace);
    var ran = new CountDownLatch(1);
    assertTrue(scope.submit(ran::countDown));
    assertTrue(ran.await(20, TimeUnit.SECONDS));
    scope.stop();
    assertFalse(scope.submit(ran::countDown));
    assertTrue(scope.close(Duration.ofSeconds(5)));
  }
}
