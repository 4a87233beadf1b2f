package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import org.jspecify.annotations.Nullable;

/**
 * What this process has done: counts since its start, and the last 15 minutes in steps of 10 s. It
 * is told on the threads of requests and sends, which never wait here.
 */
public final class Activity implements DeliveryListener, Filter {
  private static final long STEP = 10_000_000_000L; // ns
  static final int STEPS = 90;

  private static final class Step {
    private final long index;
    private final LongAdder signups = new LongAdder();
    private final LongAdder signupNanos = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder sentNanos = new LongAdder();

    private Step(long index) {
      this.index = index;
    }
  }

  private final long began = System.nanoTime();
  private final AtomicReferenceArray<@Nullable Step> steps = new AtomicReferenceArray<>(STEPS + 1);
  private final LongAdder accepted = new LongAdder();
  private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  private volatile String gate = "";
  private volatile String limited = "";
  private volatile long pausedUntil;

  /** Around each request of the API. */
  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    long start = System.nanoTime();
    chain.proceed();
    if (response.status().code() == Status.ACCEPTED_202.code()) {
      accepted.increment();
      Step step = step();
      step.signups.increment();
      step.signupNanos.add(System.nanoTime() - start);
    }
  }

  @Override
  public void on(DeliveryEvent event) {
    if (event instanceof DeliveryEvent.Ended end) {
      outcomes.computeIfAbsent(end.outcome().word(), outcome -> new LongAdder()).increment();
      if (end.outcome() instanceof SendOutcome.Sent) {
        Step step = step();
        step.sent.increment();
        step.sentNanos.add(Math.max(0, System.nanoTime() - end.mail().storedAt()));
      }
    } else if (event instanceof DeliveryEvent.MailServer(Gate.Change change)) {
      changed(change);
    } else if (event instanceof DeliveryEvent.Paused(long until)) {
      pausedUntil = until;
    }
  }

  /** Milliseconds since 1970, as the last claim has seen it; 0 while delivery is not paused. */
  long pausedUntil() {
    return pausedUntil;
  }

  private void changed(Gate.Change change) {
    switch (change) {
      case Gate.Change.Closed closed -> gate = closed.reason();
      case Gate.Change.RefusesAll refuses -> gate = "it refuses every recipient";
      case Gate.Change.Opened opened -> gate = "";
      case Gate.Change.Limited(int connections) -> limited = Integer.toString(connections);
      case Gate.Change.Unlimited unlimited -> limited = "";
    }
  }

  /** Why nothing but probes is sent; "" while the mail server works. */
  String gateClosed() {
    return gate;
  }

  /** How many connections the mail server takes, if it has refused one; "" otherwise. */
  String connectionsLimited() {
    return limited;
  }

  private Step step() {
    long index = (System.nanoTime() - began) / STEP;
    int place = (int) (index % steps.length());
    Step step = steps.get(place);
    while (step == null || step.index != index) {
      steps.compareAndSet(place, step, new Step(index));
      step = steps.get(place);
    }
    return step;
  }

  /** Since the start. */
  Map<String, Object> counts() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("accepted", accepted.sum());
    for (String outcome :
        List.of("sent", "refused", "deferred", "unknown", "server_trouble", "not_sent", "failed")) {
      LongAdder count = outcomes.get(outcome);
      tree.put(outcome, count == null ? 0L : count.sum());
    }
    return tree;
  }

  /** The last 15 minutes, the oldest step first; what has ended, without the step that runs. */
  Map<String, Object> history() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("step_seconds", STEP / 1_000_000_000L);
    tree.put("signups_per_s", series(step -> step.signups.sum() / (STEP / 1e9)));
    tree.put("signup_mean_ms", series(step -> mean(step.signupNanos, step.signups)));
    tree.put("sent_per_s", series(step -> step.sent.sum() / (STEP / 1e9)));
    tree.put("time_to_send_mean_ms", series(step -> mean(step.sentNanos, step.sent)));
    return tree;
  }

  private static double mean(LongAdder nanos, LongAdder count) {
    return count.sum() == 0 ? 0 : nanos.sum() / 1e6 / count.sum();
  }

  private List<Double> series(ToDoubleFunction<Step> value) {
    long now = (System.nanoTime() - began) / STEP;
    List<Double> series = new ArrayList<>(STEPS);
    for (long index = now - STEPS; index < now; index++) {
      Step step = index < 0 ? null : steps.get((int) (index % steps.length()));
      boolean there = step != null && step.index == index;
      series.add(there ? Math.round(value.applyAsDouble(step) * 10) / 10.0 : 0.0);
    }
    return series;
  }
}
