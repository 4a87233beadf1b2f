package lastcall.management;

import io.helidon.http.RequestException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import lastcall.admin.Retention;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.store.StoreEvent;
import lastcall.store.StoreListener;

/**
 * What is counted as it happens, on the threads where it happens: each call adds to a few numbers,
 * takes no lock and waits for nothing. What a scrape looks at is in {@link Gauges}.
 */
public final class Metrics implements DeliveryListener, StoreListener, Filter {
  private static final double[] REQUEST = {
    .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10
  }; // OpenTelemetry's
  private static final double[] SEND = {
    .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300
  };
  private static final double[] TO_SEND = {
    .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21600, 86400
  };
  private static final double[] COMMIT = {
    .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10
  };
  private static final double[] BATCH = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

  /** For whatever no route of ours matches: each of these has a path that a client made up. */
  private static final String NO_ROUTE = "other";

  /** The rest of it never came: the client has gone, or a time limit has answered 408. */
  private static final int NOT_ANSWERED = 499;

  private final Meters meters = new Meters();
  private final Histogram requests =
      meters.histogram(
          "http_server_request_duration_seconds",
          "From the head of a request of the public port to the end of its answer",
          REQUEST,
          "http_route",
          "http_response_status_code");
  private final Counter signups =
      meters.counter(
          "lastcall_signups",
          "Sign-ups with valid fields, by what became of them",
          "outcome",
          List.of("accepted", "address_taken", "key_reused", "refused"));
  private final Counter limited =
      meters.counter(
          "lastcall_limited",
          "Requests of the public port answered with 429, by the limit",
          "limit",
          List.of("client", "requests", "recipient"));
  private final Counter sends =
      meters.counter(
          "lastcall_sends",
          "Tries to send an e-mail, by how they ended",
          "outcome",
          List.of(
              "sent", "refused", "deferred", "unknown", "server_trouble", "not_sent", "failed"));
  private final Histogram sendDuration =
      meters.histogram(
          "lastcall_send_duration_seconds", "One try to send one e-mail, however it ended", SEND);
  private final Histogram timeToSend =
      meters.histogram(
          "lastcall_time_to_send_seconds",
          "From the commit of a sign-up to the mail server's 250 for its e-mail",
          TO_SEND);
  private final Histogram batchSize =
      meters.histogram("lastcall_commit_batch_size", "Calls in one commit", BATCH);
  private final Histogram commitDuration =
      meters.histogram(
          "lastcall_commit_duration_seconds", "The statements of a commit and the COMMIT", COMMIT);

  private final LongAdder hidden = new LongAdder();
  private final LongAdder refusedByDatabase = new LongAdder();
  private final LongAdder refusedStopping = new LongAdder();

  /** What the log says. After one refused connection the gate is closed for half a second first. */
  private volatile boolean gateOpen = true;

  public Metrics() {
    requests.initLabelValues("/v1/users", "202");
  }

  /** Adds what a scrape looks at. Call it once. */
  void look(Management.Sources sources, StopStatus stop, DatabaseView database) {
    look(sources, new Gauges(sources, stop, database));
  }

  void look(Management.Sources sources, Gauges gauges) {
    meters.gauge(
        "lastcall_gate_open", "1 unless the mail server is in trouble", () -> gateOpen ? 1 : 0);
    meters.counter(
        "lastcall_signups_refused",
        "Sign-ups answered with 503, by the reason",
        "reason",
        () ->
            Map.of(
                "busy", (long) sources.refusedBusy().getAsInt(),
                "database", refusedByDatabase.sum(),
                "stopping", refusedStopping.sum()));
    meters.counter(
        "lastcall_signups_hidden",
        "Accepted sign-ups whose address was taken, with signup.taken-address=hide",
        hidden::sum);
    gauges.register(meters);
  }

  /** Adds what is known of the deletion of old e-mails. Call it once. */
  public void look(Retention retention) {
    meters.gauge(
        "lastcall_retention_last_success_timestamp_seconds",
        "When old e-mails were last deleted as far as there were any; 0 before, NaN if never wanted",
        () -> retention.wanted() ? retention.succeeded() / 1000.0 : Double.NaN);
    meters.counter(
        "lastcall_retention_deleted_rows",
        "E-mails that were deleted for their age",
        retention::deleted);
  }

  MetricSnapshots scrape() {
    return meters.scrape();
  }

  /** Around each request of the public port. A refused one has not come to its route. */
  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    long began = System.nanoTime();
    int status = NOT_ANSWERED;
    try {
      chain.proceed();
      status = response.status().code();
    } catch (RequestException e) {
      status = e.status().code(); // Helidon answers it
      throw e;
    } finally {
      String route = request.matchingPattern().filter(r -> !r.isEmpty()).orElse(NO_ROUTE);
      if (status == 503 && route.equals(NO_ROUTE)) {
        refusedStopping.increment();
      }
      requests
          .labelValues(route, Integer.toString(status))
          .observe(seconds(System.nanoTime() - began));
    }
  }

  /** The same function, counted. */
  public Function<SignupRequest, SignupOutcome> counted(
      Function<SignupRequest, SignupOutcome> signUp) {
    return request -> {
      SignupOutcome outcome = signUp.apply(request);
      count(outcome);
      return outcome;
    };
  }

  /** A request was answered with 429. */
  public void limited(String limit) {
    limited.labelValues(limit).inc();
  }

  private void count(SignupOutcome outcome) {
    String word =
        switch (outcome) {
          case SignupOutcome.Accepted accepted -> "accepted";
          case SignupOutcome.AddressTaken taken -> "address_taken";
          case SignupOutcome.KeyReused reused -> "key_reused";
          case SignupOutcome.Stopping stopping -> {
            refusedStopping.increment();
            yield "refused";
          }
          case SignupOutcome.Unavailable unavailable -> {
            if (!unavailable
                .tooMany()) { // those the hasher counts, with the ones before a body is parsed
              refusedByDatabase.increment();
            }
            yield "refused";
          }
        };
    signups.labelValues(word).inc();
  }

  @Override
  public void on(DeliveryEvent event) {
    if (event instanceof DeliveryEvent.Ended ended) {
      sends.labelValues(ended.outcome().word()).inc();
      sendDuration.observe(seconds(ended.took().toNanos()));
      if (ended.outcome() instanceof SendOutcome.Sent) {
        timeToSend.observe(Math.max(0, seconds(System.nanoTime() - ended.mail().storedAt())));
      }
    } else if (event instanceof DeliveryEvent.MailServer(Gate.Change change)) {
      gateOpen =
          switch (change) {
            case Gate.Change.Closed closed -> false;
            case Gate.Change.Opened opened -> true;
            case Gate.Change.RefusesAll all -> gateOpen;
            case Gate.Change.Limited limited -> gateOpen;
            case Gate.Change.Unlimited unlimited -> gateOpen;
          };
    }
  }

  @Override
  public void on(StoreEvent event) {
    if (event instanceof StoreEvent.Committed(int calls, Duration took)) {
      batchSize.observe(calls);
      commitDuration.observe(seconds(took.toNanos()));
    } else if (event instanceof StoreEvent.SignupsInserted(int users, int those)) {
      hidden.add(those);
    }
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
