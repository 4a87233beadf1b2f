package lastcall.testing;

import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import lastcall.testing.ScriptedSmtpServer.Accepted;
import lastcall.testing.ScriptedSmtpServer.Step;

/** What a {@link ScriptedSmtpServer} has seen, and waits for more of it. */
final class SmtpRecord {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Step, Integer> reached = new EnumMap<>(Step.class);
  private final List<Accepted> accepted = new ArrayList<>();
  private final List<String> commands = new ArrayList<>();
  private final Set<Socket> open = new HashSet<>();
  private int sending;
  private int maxSending;

  void reach(Step step) {
    locked(() -> reached.merge(step, 1, Integer::sum));
  }

  void command(String line) {
    locked(() -> commands.add(line));
  }

  void take(Accepted mail) {
    locked(() -> accepted.add(mail));
  }

  void sending(int change) {
    locked(() -> {
      sending += change;
      maxSending = Math.max(maxSending, sending);
      return sending;
    });
  }

  void came(Socket socket) {
    locked(() -> open.add(socket));
  }

  void gone(Socket socket) {
    locked(() -> open.remove(socket));
  }

  List<Socket> open() {
    return locked(() -> new ArrayList<>(open));
  }

  List<Accepted> accepted() {
    return locked(() -> new ArrayList<>(accepted));
  }

  List<String> commands() {
    return locked(() -> new ArrayList<>(commands));
  }

  int reached(Step step) {
    return locked(() -> reached.getOrDefault(step, 0));
  }

  int maxSending() {
    return locked(() -> maxSending);
  }

  void awaitAccepted(int count, Duration guard) throws InterruptedException {
    await(count + " accepted messages", () -> accepted.size() >= count, guard);
  }

  void awaitReached(Step step, int count, Duration guard) throws InterruptedException {
    await(
        step + " reached " + count + " times", () -> reached.getOrDefault(step, 0) >= count, guard);
  }

  void awaitNoConnections(Duration guard) throws InterruptedException {
    await("end of all connections", open::isEmpty, guard);
  }

  private void await(String what, BooleanSupplier condition, Duration guard)
      throws InterruptedException {
    lock.lock();
    try {
      long left = guard.toNanos();
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError(
              "no "
                  + what
                  + " within "
                  + guard
                  + ": accepted "
                  + accepted.size()
                  + ", sending "
                  + sending
                  + ", open connections "
                  + open.size()
                  + ", reached "
                  + reached);
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private <T> T locked(Supplier<T> change) {
    lock.lock();
    try {
      T result = change.get();
      changed.signalAll();
      return result;
    } finally {
      lock.unlock();
    }
  }
}
