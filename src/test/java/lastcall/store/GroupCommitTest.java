package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import lastcall.config.AppConfig;
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
  private final StoreLogger logger = new StoreLogger();
  private GroupCommit writer;

  @BeforeEach
  void open() throws Exception {
    writer =
        new GroupCommit(
            new WriterConnection(
                Dialect.of(AppConfig.Store.sqlite(directory.resolve("lastcall.db")))),
            event -> {
              logger.on(event);
              if (event instanceof StoreEvent.Committed(int calls, Duration took)) {
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
            .start(() -> {
              try {
                writer.signup(batch, 249, StoreFixture.LONG, done -> {}, () -> {});
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

  /**
   * Whoever sent an e-mail has its result in the writer: what fails and is tried again is told
   * once.
   */
  @Test
  @Proves("P7")
  void aKeptCallIsTriedUntilItIsCommittedAndToldOnce() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    List<Integer> told = new CopyOnWriteArrayList<>();
    writer.keep(
        (connection, arguments) -> {
          if (tries.incrementAndGet() < 7) {
            throw new SQLException("no");
          }
          return arguments;
        },
        1,
        2,
        told::add);
    CountDownLatch queued = new CountDownLatch(1);
    AtomicInteger others = new AtomicInteger();
    occupy(queued);
    for (int i = 0; i < 9; i++) {
      writer.keep((connection, arguments) -> arguments, i, i, done -> others.incrementAndGet());
    }
    queued.countDown();
    TestDatabase.await("others", () -> others.get() == 9);
    TestDatabase.await("committed at last", () -> told.size() > 0);
    writer.outbox((connection, arguments) -> arguments, 0, StoreFixture.LONG, StoreFixture.LONG);
    assertEquals(List.of(2), told, "in its plain form, which it takes after three refusals");
    assertEquals(7, tries.get());
  }

  /** A refused call would poison each group that it is tried in. */
  @Test
  void aRefusedCallIsTriedAgainAlone() throws Exception {
    List<List<Integer>> runs = new CopyOnWriteArrayList<>();
    AtomicInteger committed = new AtomicInteger();
    GroupCommit.Batch<Integer, Integer> batch =
        (connection, arguments) -> {
          runs.add(List.copyOf(arguments));
          if (arguments.contains(7)) {
            throw new SQLException("no");
          }
          return arguments;
        };
    CountDownLatch queued = new CountDownLatch(1);
    occupy(queued);
    writer.keep(batch, 7, -7, done -> committed.incrementAndGet());
    writer.keep(batch, 1, 1, done -> committed.incrementAndGet());
    queued.countDown();
    TestDatabase.await("committed", () -> committed.get() == 2);
    assertEquals(
        List.of(List.of(7, 1), List.of(7), List.of(1), List.of(7), List.of(7), List.of(-7)), runs);
  }

  /** Its connection was closed by the server: the next one works, and nobody was at fault. */
  @Test
  void aLoneCallOnABrokenConnectionIsRunOnceMore() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    GroupCommit.Batch<Integer, Integer> batch =
        (connection, arguments) -> {
          if (runs.incrementAndGet() == 1) {
            throw new SQLException("terminating connection due to administrator command");
          }
          return arguments;
        };
    assertEquals(7, writer.signup(batch, 7, StoreFixture.LONG, done -> {}, () -> {}));
    assertEquals(2, runs.get());
  }

  @Test
  void whatComesAfterTheEndIsRefusedAndNobodyWaits() throws Exception {
    assertTrue(writer.close(StoreFixture.LONG), "the writer hangs");
    GroupCommit.Batch<Integer, Integer> batch = (connection, arguments) -> arguments;
    assertThrows(
        DatabaseException.class,
        () -> writer.outbox(batch, 1, StoreFixture.LONG, StoreFixture.LONG));
    writer.keep(batch, 1, 1, done -> groups.add(-1));
    assertEquals(List.of(), groups);
    assertFalse(writer.healthy(), "closed is not ready");
  }

  /** What is queued, and what waits for its next try, neither runs nor is waited for. */
  @Test
  void theEndFailsWhatWaits() throws Exception {
    Lanes lanes = new Lanes();
    GroupCommit.Batch<Integer, Integer> batch = (connection, arguments) -> arguments;
    Call<Integer, Integer> signup = new Call<>(batch, 1);
    Call<Integer, Integer> kept = new Call<>(batch, 2, 2, true, done -> {}, () -> {});
    lanes.addSignup(signup);
    assertTrue(lanes.putAside(kept, Duration.ZERO));
    assertEquals(List.of(kept, signup), lanes.take(Duration.ZERO), "its pause is over");
    assertTrue(lanes.putAside(kept, Duration.ofDays(1)));
    assertEquals(List.of(), lanes.take(Duration.ZERO), "its pause is not over");
    Call<Integer, Integer> late = new Call<>(batch, 3);
    lanes.addOutbox(late);
    lanes.close();
    assertThrows(DatabaseException.class, () -> late.await(StoreFixture.LONG, StoreFixture.LONG));
    assertFalse(lanes.putAside(kept, Duration.ZERO));
    assertEquals(List.of(), lanes.take(Duration.ZERO));
  }

  @Test
  @Proves("P9")
  void aSlowCommitIsTold() throws Exception {
    Logger logger = Logger.getLogger(StoreLogger.class.getName());
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            lines.add(line.getLevel() + " " + line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    try {
      long began = System.nanoTime();
      writer.keep(
          (connection, arguments) -> {
            TestDatabase.await("1.1 s", () -> System.nanoTime() - began > 1_100_000_000L);
            return arguments;
          },
          1,
          1,
          done -> {});
      TestDatabase.await("told", () -> lines.stream().anyMatch(l -> l.contains("slow")));
      assertTrue(lines.getFirst().startsWith("WARNING"), lines::toString);
    } finally {
      logger.removeHandler(handler);
    }
  }
}
