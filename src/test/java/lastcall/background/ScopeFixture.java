package lastcall.background;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** What the tests of {@link BackgroundScope} share. */
abstract class ScopeFixture {
  static final Duration LONG = Duration.ofSeconds(20);
  static final int JDK = Runtime.version().feature();

  final BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
  final CountDownLatch release = new CountDownLatch(1);

  void awaitRelease() {
    awaitUnchecked(release);
  }

  static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      sneak(e);
    }
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> boolean sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
