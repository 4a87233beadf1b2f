package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import lastcall.admin.Pause;
import lastcall.admin.Readings;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.mail.SmtpPhase;
import lastcall.outbox.DeliveryEvent;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.User;
import lastcall.store.DueMail;
import lastcall.store.Result;
import lastcall.store.StoreEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What events make of the numbers. */
final class MetricsTest {
  private static final SmtpFailure FAILURE = new SmtpFailure(SmtpPhase.RCPT, 450, "", "no", "no");

  private final Metrics metrics = new Metrics();
  private final AtomicReference<@Nullable Readings> readings = new AtomicReference<>();
  private final AtomicReference<@Nullable Map<String, Object>> lastStop = new AtomicReference<>();

  private Map<String, Double> scrape() {
    String text = PrometheusTextFormatWriter.create().toDebugString(metrics.scrape());
    Map<String, Double> values = new TreeMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> {
          int blank = line.lastIndexOf(' ');
          values.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
        });
    return values;
  }

  private void watch() {
    Management.Sources sources =
        new Management.Sources(
            () -> Readiness.READY,
            () -> Readiness.READY,
            () -> true,
            () -> false,
            () -> 0,
            () -> 5,
            () -> 7,
            () -> 3,
            () -> 2,
            () -> 9);
    metrics.look(sources, new Gauges(sources, new StopStatus(), readings::get, lastStop::get));
  }

  private static DueMail mail(Duration ago) {
    return new DueMail(
        "id", 1, 0, "welcome", "ada@example.org", "Ada", null, System.nanoTime() - ago.toNanos());
  }

  private void ended(SendOutcome outcome, Duration ago) {
    metrics.on(
        new DeliveryEvent.Ended(mail(ago), outcome, Result.sent(), Duration.ofMillis(2_500)));
  }

  @Test
  void eachEndOfASendIsCounted() {
    List<SendOutcome> outcomes =
        List.of(
            new SendOutcome.Sent(),
            new SendOutcome.Refused(FAILURE),
            new SendOutcome.Deferred(FAILURE),
            new SendOutcome.Unknown(FAILURE),
            new SendOutcome.ServerTrouble(FAILURE),
            new SendOutcome.NotSent("cut"),
            new SendOutcome.Failed(new IllegalStateException()));
    outcomes.forEach(outcome -> ended(outcome, Duration.ofHours(2)));
    Map<String, Double> values = scrape();
    for (String word :
        List.of("sent", "refused", "deferred", "unknown", "server_trouble", "not_sent", "failed")) {
      assertEquals(1, values.get("lastcall_sends_total{outcome=\"" + word + "\"}"), word);
    }
    assertEquals(7, values.get("lastcall_send_duration_seconds_count"));
    assertEquals(17.5, values.get("lastcall_send_duration_seconds_sum"), 1e-6);
    assertEquals(1, values.get("lastcall_time_to_send_seconds_count"), "only what was sent");
    assertEquals(0, values.get("lastcall_time_to_send_seconds_bucket{le=\"3600.0\"}"));
    assertEquals(1, values.get("lastcall_time_to_send_seconds_bucket{le=\"86400.0\"}"));
  }

  @Test
  void aClockThatWasSetBackMakesNoNegativeTime() {
    ended(new SendOutcome.Sent(), Duration.ofHours(-2));
    assertEquals(0, scrape().get("lastcall_time_to_send_seconds_sum"));
  }

  @Test
  void theGateIsWhatTheLogSays() {
    watch();
    assertEquals(1, scrape().get("lastcall_gate_open"));
    metrics.on(new DeliveryEvent.MailServer(new Gate.Change.Closed(FAILURE, "why")));
    metrics.on(new DeliveryEvent.MailServer(new Gate.Change.Limited(3)));
    assertEquals(0, scrape().get("lastcall_gate_open"));
    metrics.on(new DeliveryEvent.MailServer(new Gate.Change.Opened()));
    assertEquals(1, scrape().get("lastcall_gate_open"));
  }

  @Test
  void signupsAreCountedByWhatBecameOfThem() {
    watch();
    SignupRequest request = new SignupRequest("Ada", "ada@example.org", "secret", null, null);
    User user = new User("id", Instant.EPOCH, "Ada", "ada@example.org");
    for (SignupOutcome outcome :
        List.of(
            new SignupOutcome.Accepted(user),
            new SignupOutcome.AddressTaken(),
            new SignupOutcome.KeyReused(),
            new SignupOutcome.Stopping(),
            SignupOutcome.Unavailable.busy(new PasswordHasher.Busy(Duration.ofSeconds(1))),
            new SignupOutcome.Unavailable("not stored", Duration.ofSeconds(5)))) {
      Function<SignupRequest, SignupOutcome> counted = metrics.counted(any -> outcome);
      assertEquals(outcome, counted.apply(request));
    }
    Map<String, Double> values = scrape();
    for (String word : List.of("accepted", "address_taken", "key_reused")) {
      assertEquals(1, values.get("lastcall_signups_total{outcome=\"" + word + "\"}"), word);
    }
    assertEquals(3, values.get("lastcall_signups_total{outcome=\"refused\"}"));
    assertEquals(1, values.get("lastcall_signups_refused_total{reason=\"stopping\"}"));
    assertEquals(1, values.get("lastcall_signups_refused_total{reason=\"database\"}"));
    assertEquals(7, values.get("lastcall_signups_refused_total{reason=\"busy\"}"), "the hasher's");
  }

  @Test
  void aScrapeReadsTheStateAndLeavesOutWhatIsUnknown() {
    watch();
    metrics.on(new StoreEvent.Committed(40, Duration.ofMillis(30)));
    Map<String, Double> values = scrape();
    assertEquals(3, values.get("lastcall_sends_in_flight"));
    assertEquals(2, values.get("lastcall_smtp_connections"));
    assertEquals(0, values.get("lastcall_database_healthy"));
    assertEquals(5, values.get("lastcall_password_queue"));
    assertEquals(9, values.get("lastcall_log_lines_dropped_total"));
    assertEquals(Double.NaN, values.get("lastcall_last_stop_status"));
    assertEquals(Double.NaN, values.get("lastcall_stop_deadline_timestamp_seconds"));
    assertEquals(0, values.get("lastcall_stop_phase{phase=\"drain\"}"));
    assertEquals(40, values.get("lastcall_commit_batch_size_sum"));
    assertEquals(1, values.get("lastcall_commit_duration_seconds_bucket{le=\"0.05\"}"));
    assertTrue(values.keySet().stream().noneMatch(name -> name.startsWith("lastcall_outbox_em")));
    assertEquals(Double.NaN, values.get("lastcall_outbox_oldest_due_timestamp_seconds"));
    readings.set(new Readings(0, 4, 3, 0, 0, 0, 0, 0, null, 1_700_000_000_500L, null));
    lastStop.set(Map.of("status", 75));
    values = scrape();
    assertEquals(4, values.get("lastcall_outbox_emails{state=\"due\"}"));
    assertEquals(3, values.get("lastcall_outbox_emails{state=\"claimed\"}"));
    assertEquals(0, values.get("lastcall_outbox_emails{state=\"paused\"}"));
    assertEquals(1_700_000_000.5, values.get("lastcall_outbox_oldest_due_timestamp_seconds"));
    assertEquals(75, values.get("lastcall_last_stop_status"));
    Pause pause = new Pause(0, Long.MAX_VALUE, "somebody");
    readings.set(new Readings(0, 4, 3, 0, 0, 0, 0, 0, null, 1_700_000_000_500L, pause));
    values = scrape();
    assertEquals(0, values.get("lastcall_outbox_emails{state=\"due\"}"));
    assertEquals(4, values.get("lastcall_outbox_emails{state=\"paused\"}"));
  }
}
