package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The writer and its calls, seen from inside: who leaves, what is kept, what is put back. */
@Timeout(60)
final class GroupCommitTest {
  private final List<Integer> groups = new CopyOnWriteArrayList<>(); // committed, by their size
  @TempDir Path directory;
  private GroupCommit writer;

  @BeforeEach
  void open() throws Exception {
    writer =
        new GroupCommit(
            new Session(new Dialect.Sqlite(directory.resolve("data/lastcall.db"))),
            event -> {
              if (event instanceof StoreEvent.Committed(int calls)) {
                groups.add(calls);
              }
            });
  }

  @AfterEach
  void close() throws Exception {
    assertTrue(writer.close(StoreFixture.LONG), "the writer hangs");
  }

  private static void await(CountDownLatch latch) {
    TestDatabase.await("latch", () -> latch.getCount() == 0);
  }

  /** Returns when the writer is in the midst of a call; what comes now waits, as one group. */
  private void occupy(CountDownLatch until) {
    CountDownLatch begun = new CountDownLatch(1);
    writer.keep(
        (connection, arguments) -> {
          begun.countDown();
          await(until);
          return arguments;
        },
        0,
        0,
        done -> {});
    await(begun);
  }

  /** Otherwise a group commit of 250 becomes 251 single ones, just when the disk is slow. */
  @Test
  @Proves("P9")
  void aCallerThatGivesUpCostsTheOthersNothing() throws Exception {
    CountDownLatch queued = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    AtomicInteger committed = new AtomicInteger();
    GroupCommit.Batch<Integer, Integer> batch =
        (connection, arguments) -> {
          running.countDown();
          await(left);
          return arguments;
        };
    occupy(queued);
    for (int i = 0; i < 249; i++) {
      writer.keep(batch, i, i, done -> committed.incrementAndGet());
    }
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    writer.signup(batch, 249, StoreFixture.LONG);
                  } catch (DatabaseException | InterruptedException e) {
                    left.countDown();
                  }
                });
    TestDatabase.await("queued", () -> caller.getState() == Thread.State.TIMED_WAITING);
    queued.countDown();
    await(running);
    caller.interrupt();
    TestDatabase.await("committed", () -> committed.get() == 249);
    assertEquals(List.of(1, 250), groups);
  }
}
