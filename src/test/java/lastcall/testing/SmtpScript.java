package lastcall.testing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.jspecify.annotations.Nullable;

/** What a {@link ScriptedSmtpServer} is to do. */
final class SmtpScript {
  private record Order(Action action, int times) {}

  private final Map<Step, Deque<Order>> orders = new EnumMap<>(Step.class);
  private Duration delay = Duration.ZERO;

  synchronized void add(Step step, Action action, int times) {
    orders.computeIfAbsent(step, s -> new ArrayDeque<>()).add(new Order(action, times));
  }

  synchronized void forgetOrders() {
    orders.clear();
  }

  /** What to do at this passage, null for the usual. */
  synchronized @Nullable Action next(Step step) {
    Deque<Order> queue = orders.get(step);
    Order order = queue == null ? null : queue.pollFirst();
    if (queue == null || order == null) {
      return null;
    }
    if (order.times() > 1) {
      int left = order.times() == Integer.MAX_VALUE ? order.times() : order.times() - 1;
      queue.addFirst(new Order(order.action(), left));
    }
    return order.action();
  }

  synchronized void delay(Duration before250) {
    delay = before250;
  }

  synchronized Duration delay() {
    return delay;
  }
}
