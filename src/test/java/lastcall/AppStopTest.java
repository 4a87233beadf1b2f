package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;

import lastcall.outbox.Left;
import org.junit.jupiter.api.Test;

final class AppStopTest {
  @Test
  void theStatusTellsWhatIsKeptAndWhatFailed() {
    assertEquals(0, status(0, 0, 0, 0, 0));
    assertEquals(AppStop.KEPT, status(1, 0, 0, 0, 0));
    assertEquals(AppStop.KEPT, status(0, 1, 0, 0, 0));
    assertEquals(AppStop.KEPT, status(0, 0, 1, 0, 0));
    assertEquals(AppStop.FAILED, status(1, 0, 0, 1, 0), "a failure outranks what is kept");
    assertEquals(AppStop.FAILED, status(0, 0, 0, 0, 1));
  }

  private static int status(int released, int unknown, int unrecorded, int cutOff, int failed) {
    return AppStop.status(new Left(7, released, 3, unknown, unrecorded), cutOff, failed);
  }

  @Test
  void theUrlIsOneThatAPersonCanOpen() {
    assertEquals("http://localhost:8080", App.url("0.0.0.0", 8080));
    assertEquals("http://localhost:8080", App.url("::", 8080));
    assertEquals("http://127.0.0.1:1", App.url("127.0.0.1", 1));
    assertEquals("http://[::1]:1", App.url("::1", 1));
  }
}
