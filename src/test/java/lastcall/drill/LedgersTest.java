package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import lastcall.config.DeliveryRate;
import lastcall.drill.SignupClient.Answer;
import lastcall.drill.Sink.Mail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is counted from ledgers that are known, and how it is judged. */
final class LedgersTest {
  private Row.Pace pace = new Row.Pace(0, null, null, null);
  private int halfDone;
  private int status;
  private final Map<String, Integer> requests = new HashMap<>();
  private final Set<String> users = new HashSet<>();
  private final Set<String> due = new HashSet<>();
  private final Map<Mail, Integer> taken = new HashMap<>();

  /** One sign-up, stored, with its e-mail taken so often. */
  private String signUp(int status, int times) {
    String email = requests.size() + "@drill.example";
    requests.put(email, status);
    users.add(email);
    if (times > 0) {
      taken.put(new Mail("id" + email, email), times);
    }
    return email;
  }

  private Counts counts() {
    return Counts.of(requests, users, due, taken);
  }

  /** A burst of 5, then one each 50 ms; then 40 more at once. */
  @Test
  void whoIsFasterThanTheRateIsCaught() {
    List<Long> moments = new ArrayList<>(List.of(0L, 0L, 0L, 0L));
    for (int i = 0; i < 100; i++) {
      moments.add(i * 50_000_000L);
    }
    RateKept fine = RateKept.of(new DeliveryRate(20, "s"), moments);
    assertEquals(new RateKept(new DeliveryRate(20, "s"), 5, 24), fine);
    assertFalse(fine.broken());
    for (int i = 0; i < 40; i++) {
      moments.add(4_950_000_000L);
    }
    assertTrue(RateKept.of(new DeliveryRate(20, "s"), moments).broken());
  }

  @Test
  void whatIsPlantedIsCounted() {
    long seed = System.nanoTime();
    System.out.println("planted ledgers: seed " + seed);
    Random random = new Random(seed);
    int[] n = random.ints(8, 0, 20).toArray();
    for (int i = 0; i < n[0]; i++) {
      signUp(202, 1);
    }
    for (int i = 0; i < n[1]; i++) {
      signUp(202, 0); // lost
    }
    for (int i = 0; i < n[2]; i++) {
      signUp(202, 3); // two too many
    }
    for (int i = 0; i < n[3]; i++) {
      due.add(signUp(202, 0));
    }
    for (int i = 0; i < n[4]; i++) {
      signUp(Answer.UNANSWERED, 1);
    }
    for (int i = 0; i < n[5]; i++) {
      users.remove(signUp(Answer.TORN, 0));
    }
    for (int i = 0; i < n[6]; i++) {
      users.remove(signUp(503, 0));
    }
    for (int i = 0; i < n[7]; i++) {
      due.add(signUp(202, 1)); // its answer is unknown to the service
    }
    int accepted = n[0] + n[1] + n[2] + n[3] + n[7];
    int delivered = n[0] + n[2] + n[4] + n[7];
    assertEquals(
        new Counts(n[1], n[3] + n[7], 2 * n[2], accepted, delivered, n[6], n[4] + n[5], n[4], 0),
        counts());
  }

  @Test
  void whatNobodySignedUpForIsStrange() {
    String one = signUp(202, 1);
    String two = signUp(202, 1);
    taken.put(new Mail("x", "nobody@drill.example"), 1);
    taken.put(new Mail("id" + one, two), 1); // another's Message-ID
    taken.put(new Mail("", signUp(202, 0)), 1); // without one
    assertEquals(4, counts().strange(), "one, one with two faults, one");
    assertEquals(1, counts().duplicates(), "two e-mails to one recipient");
  }

  private Row.Counted row(int inFlight, Integer unknown, String... more) {
    List<String> args = new ArrayList<>(List.of(more));
    args.addAll(List.of("--signups", "1", "--after", "1"));
    CommandLine commandLine = new CommandLine(DrillCommand.spec());
    DrillOptions options = new DrillOptions(commandLine.parseArgs(args.toArray(String[]::new)));
    Scenario scenario = options.scenarios().getFirst();
    return new Row.Counted(
        scenario, counts(), 0, halfDone, 0, inFlight, unknown, 1, status, null, pace);
  }

  @Test
  void duplicatesAreAllowedWhereTheyCantBeHelped() {
    signUp(202, 3);
    assertEquals(List.of("2 sent twice, 0 allowed"), row(5, 0).broken());
    assertEquals(List.of("2 sent twice, 1 allowed"), row(5, 1).broken());
    assertEquals(List.of(), row(0, 2).broken());
    assertEquals(List.of("2 sent twice, 1 allowed"), row(1, null, "--signal", "KILL").broken());
    assertEquals(List.of(), row(2, null, "--signal", "TERM,TERM").broken());
  }

  @Test
  void whatIsHalfDoneIsCounted(@TempDir Path directory) throws Exception {
    Rows rows = new Rows(directory.resolve("planted.db"));
    rows.update("CREATE TABLE users (id TEXT)");
    rows.update("CREATE TABLE outbox (user_id TEXT)");
    rows.update("INSERT INTO users VALUES ('whole'), ('none'), ('no one'), ('two')");
    rows.update("INSERT INTO outbox VALUES ('whole'), ('two'), ('two'), ('nobody')");
    signUp(202, 1);
    halfDone = rows.halfDone();
    assertEquals(4, halfDone);
    assertEquals(List.of("4 half done"), row(0, 0).broken());
    assertEquals(List.of(), row(0, 0, "--strategies", "none").broken());
  }

  @Test
  void whoServedNobodyOrStoppedBadlyShowsIt() {
    assertEquals(List.of("0 of 1 accepted before the signal"), row(0, 0).broken());
    String email = signUp(202, 0);
    due.add(email);
    assertEquals(List.of("1 kept, but status 0"), row(0, 0).broken());
    status = 75;
    assertEquals(List.of(), row(0, 0).broken());
    status = 1;
    assertEquals(List.of("status 1 after TERM"), row(0, 0).broken());
    status = 137;
    assertEquals(List.of(), row(0, null, "--signal", "KILL").broken());
  }

  @Test
  void theLastLineSaysInWordsWhetherThePromiseHeld() {
    signUp(202, 2);
    Row.Counted killed = row(1, null, "--signal", "KILL");
    assertEquals(
        "1 accepted, 0 lost, 1 sent twice, 1 were in flight: as promised",
        Conclusion.of(List.of(killed)));
    due.add(signUp(202, 0));
    signUp(202, 0);
    status = 75;
    assertEquals(
        "3 accepted, 1 lost, 1 sent twice, 1 kept, 0 were in flight: broken: 1 lost,"
            + " 1 sent twice, 0 allowed",
        Conclusion.of(List.of(row(0, 0))));
    Row.Counted memory = row(0, 0, "--strategies", "none");
    assertEquals(
        "3 accepted and 1 lost where e-mails are in memory and nothing is promised",
        Conclusion.of(List.of(memory)));
    Row.Failed failed = new Row.Failed(killed.scenario(), "the service ended\nits log:");
    assertEquals("not run: the service ended", Conclusion.of(List.of(failed)));
    assertEquals(
        "3 accepted and 1 lost where e-mails are in memory and nothing is promised;"
            + " with the outbox 1 accepted, 0 lost, 1 sent twice, 1 were in flight: broken:"
            + " scope outbox KILL 50ms: not run: the service ended",
        Conclusion.of(List.of(memory, killed, failed)));
  }

  @Test
  void aFailoverIsJudgedByItsStandby(@TempDir Path bin) throws Exception {
    assertTrue(Files.createFile(bin.resolve("initdb")).toFile().setExecutable(true));
    String[] synchronous = {"--database-trouble=failover", "--pg-ctl=" + bin.resolve("pg_ctl")};
    String[] asynchronous = {synchronous[0], synchronous[1], "--standby=async"};
    signUp(202, 2);
    signUp(202, 0);
    pace = new Row.Pace(0, null, new Row.Outage(1, 2, 0, 5, 3), null);
    assertEquals(
        List.of("1 lost", "1 sent twice, 0 allowed", "3 accepted and not stored"),
        row(0, 0, synchronous).broken());
    assertEquals(List.of(), row(0, 0, asynchronous).broken());
    assertEquals(
        "asynchronous standby: 3 accepted sign-ups lost, 1 e-mails sent twice of 2 accepted",
        Conclusion.of(List.of(row(0, 0, asynchronous))));
    halfDone = 7;
    pace = new Row.Pace(0, null, new Row.Outage(1, 2, 1, 5, 3), null);
    assertEquals(List.of("7 half done", "1 instances stuck"), row(0, 0, asynchronous).broken());
  }

  @Test
  void memoryPromisesNothing() {
    signUp(202, 0);
    assertEquals(List.of("1 lost"), row(0, 0).broken());
    assertEquals(List.of(), row(0, 0, "--strategies", "none").broken());
  }

  @Test
  void signalsAreReadAsWritten() {
    assertEquals(Duration.ofSeconds(30), Signals.parse("TERM,KILL@30s").pause());
    assertEquals("KILL", Signals.parse("TERM,KILL@30s").second());
    assertTrue(Signals.parse("KILL").forces());
    for (String wrong : List.of("HUP", "TERM,", "TERM@5s", "TERM,KILL@5", "")) {
      assertThrows(IllegalArgumentException.class, () -> Signals.parse(wrong), wrong);
    }
  }
}
