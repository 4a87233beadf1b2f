package lastcall;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessLockTest {
  @TempDir Path directory;

  @Test
  void knowsWhetherTheLastProcessWasStoppedOrKilled() throws Exception {
    try (ProcessLock lock = ProcessLock.acquire(directory)) {
      assertTrue(lock.afterAStop(), "the first one");
    }
    try (ProcessLock lock = ProcessLock.acquire(directory)) {
      assertTrue(lock.afterAStop(), "the one before has closed it");
    }
    Files.writeString(directory.resolve("lastcall.pid"), "4711\n"); // as a kill leaves it
    try (ProcessLock lock = ProcessLock.acquire(directory)) {
      assertFalse(lock.afterAStop());
    }
    try (ProcessLock lock = ProcessLock.acquire(directory)) {
      assertFalse(lock.afterAStop(), "the start before has failed, and freed nothing");
      lock.markDraining();
    }
    try (ProcessLock lock = ProcessLock.acquire(directory)) {
      assertTrue(lock.afterAStop());
    }
  }
}
