package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lastcall.config.AppConfig;
import lastcall.testing.PostgresServer;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The drill as a whole: with a service whose faults are known, and a small one of the real one. */
final class DrillTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static CommandLine.ParseResult parse(String... args) {
    return new CommandLine(DrillCommand.spec()).parseArgs(args);
  }

  private int drill(String... args) {
    return new DrillCommand(new PrintStream(out), new PrintStream(err)).run(parse(args));
  }

  @Test
  void plantedFaultsAreCountedExactly() throws Exception {
    int signups = 100;
    String accepted = "" + (signups - FaultyMain.CUT);
    DrillOptions options =
        new DrillOptions(parse("--signups", "" + signups, "--after", accepted, "--clients", "4"));
    Scenario scenario = options.scenarios().getFirst();
    Path root;
    Row.Counted row;
    try (Workplace workplace = new Workplace();
        Progress progress = new Progress(new PrintStream(err))) {
      root = workplace.root();
      row =
          new ScenarioRun(
                  scenario, workplace, progress, FaultyMain.class.getName(), new Recorder(0))
              .run();
    }
    int delivered = signups - FaultyMain.LOST - FaultyMain.KEPT;
    int cut = FaultyMain.CUT;
    assertEquals(
        new Counts(
            FaultyMain.LOST,
            FaultyMain.KEPT,
            FaultyMain.DOUBLED,
            signups - cut,
            delivered,
            0,
            cut,
            cut,
            0),
        row.counts());
    assertEquals(143, row.status());
    assertEquals(
        List.of("7 lost", "5 sent twice, 0 allowed", "status 143 after TERM"), row.broken());
    assertFalse(Files.exists(root), "the directory is left");
  }

  @Test
  @Proves("P1")
  void aSmallDrillWithTermHolds() throws Exception {
    assertHolds("--signal", "TERM");
    assertTrue(json().contains("\"exit_status\":0"), json());
    assertTrue(json().contains("\"kept\":0,"), json());
  }

  /** The real hash, more clients than may wait for it, and TERM in the middle. */
  @Test
  @Proves("P10")
  void aCrowdIsAnswered202Or503AndNobodyIsCutOff() throws Exception {
    String file = directory.resolve("rows.json").toString();
    int status = drill("--saturate", "--after", "40", "--json", file);
    System.out.print(out);
    assertEquals(0, status, () -> out + "\n" + err);
    assertTrue(json().contains("\"requests_cut_off\":0,"), json());
    assertTrue(json().contains("\"exit_status\":0"), json());
    assertEquals(2, drill("--saturate", "--clients", "5"));
    assertTrue(err.toString().contains("--clients: fixed by --saturate"), err.toString());
  }

  @Test
  @Proves("P4")
  void aSmallDrillWithKillAndRestartHolds() throws Exception {
    // Sends of half a second: some are in flight at the kill, however slowly sign-ups come.
    assertHolds("--signal", "KILL", "--restart", "--smtp-delay", "500ms");
    assertTrue(json().contains("\"exit_status\":137"), json());
    assertTrue(json().contains("\"kept\":0,"), json());
    assertFalse(json().contains("\"in_flight_at_the_kill\":0,"), "killed too late: " + json());
  }

  /** The row of the rate is in the database, so the second process is as slow as the first. */
  @Test
  @Proves("P4")
  void theRateHoldsOverAKillAndARestart() throws Exception {
    String file = directory.resolve("rows.json").toString();
    String args =
        "--signal KILL --restart --signups 100 --after 40 --delivery-rate 40/s --json " + file;
    assertEquals(0, drill(args.split(" ")), () -> out + "\n" + err);
    assertTrue(json().contains("\"delivery_rate\":\"40/s\""), json());
    assertTrue(out.toString().contains("ahead"), out.toString());
    assertEquals(2, drill("--delivery-rate", "20000/s"));
  }

  /** Eight sends at a time of 5 s each: however slow the machine, most are not begun at TERM. */
  @Test
  void whoDoesNotWaitLosesAndIsNotJudged() throws Exception {
    String file = directory.resolve("rows.json").toString();
    String none =
        "--strategies none --signups 60 --after 60 --smtp-delay 5s --concurrency 8 --json " + file;
    assertEquals(0, drill(none.split(" ")), () -> out + "\n" + err);
    assertFalse(json().contains("\"lost\":0,"), json());
    String waits = "--strategies executor --signups 60 --json " + file;
    assertEquals(0, drill(waits.split(" ")), () -> out + "\n" + err);
    assertTrue(json().contains("\"lost\":0,") && json().contains("\"exit_status\":0"), json());
  }

  private void assertHolds(String... signal) {
    List<String> args = new ArrayList<>(List.of(signal));
    args.addAll(List.of("--signups", "300", "--json", directory.resolve("rows.json").toString()));
    int status = drill(args.toArray(String[]::new));
    System.out.print(out); // with the seed
    assertEquals(0, status, () -> out + "\n" + err);
  }

  private String json() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(directory.resolve("rows.json")), files.toList());
    }
    return Files.readString(directory.resolve("rows.json"));
  }

  /** The service refuses to start, since its smtp.port is no number. */
  @Test
  void aRowThatWasNotRunSaysWhy() throws Exception {
    DrillOptions options = new DrillOptions(parse());
    Scenario scenario = options.scenarios().getFirst();
    try (ServiceProcess service =
        ServiceProcess.launch(
            List.of(), List.of("lastcall.Main"), directory, List.of("smtp.port=x"))) {
      Exception e = assertThrows(IllegalStateException.class, service::port);
      Row.Failed row = new Row.Failed(scenario, e.getMessage());
      new Table(new PrintStream(out), scenario).row(row);
      String why = "not run: the service ended and did not write \"starting server\" (process ";
      assertTrue(out.toString().contains(why), out.toString());
      assertTrue(out.toString().contains("status 2): smtp.port=x"), out.toString());
      assertEquals(1, out.toString().lines().count(), out.toString());
    }
  }

  @Test
  @Proves("P4")
  void oneOfThreeIsKilledAndTheOthersTakeOver() throws Exception {
    PostgresServer server = PostgresServer.shared();
    AppConfig.Store database = server.create();
    Rows rows = new Rows(database.url(), database.user(), database.password());
    try {
      assertHolds(
          "--signal KILL --instances 3 --lease 2s --due 20 --database-user %s --database-password %s"
              .formatted(database.user(), database.password())
              .concat(" --database " + database.url())
              .split(" "));
      assertTrue(json().contains("\"kept\":0,"), json());
      assertTrue(json().contains("\"half_done\":0,"), json());
      assertTrue(json().matches("(?s).*\"takeover_seconds\":\\d.*"), json());
      String left = "pg_namespace WHERE nspname LIKE 'drill%'";
      assertEquals(0, rows.count(left), "its schema is left");
    } finally {
      server.drop(database);
    }
  }

  @Test
  void theMatrixIsFairToAllStrategies() {
    List<Scenario> rows = new DrillOptions(parse("--strategies", "all")).scenarios();
    assertEquals(24, rows.size());
    assertEquals(2, rows.stream().map(Scenario::load).distinct().count());
    assertEquals(2, rows.stream().map(Scenario::after).distinct().count());
    assertEquals(4, rows.stream().filter(row -> !row.memory()).count());
    for (Scenario row : rows) {
      long millis = row.load().signups() * row.smtp().delay().toMillis();
      assertTrue(millis / row.service().concurrency() < 10_000, row::title);
    }
  }

  @Test
  @Proves("P4")
  void aCrashBetweenTheAnswerAndItsResultSendsAgainAndLosesNothing() throws Exception {
    String file = directory.resolve("rows.json").toString();
    int status = drill("--crash-points", "after-commit,after-250", "--json", file);
    System.out.print(out);
    assertEquals(0, status, () -> out + "\n" + err);
    List<String> rows = json().lines().filter(line -> line.contains("crash_point")).toList();
    assertTrue(rows.get(0).contains("\"duplicates\":0,"), rows.get(0));
    assertTrue(rows.get(1).contains("\"duplicates\":1,"), rows.get(1));
    for (String row : rows) {
      assertTrue(row.contains("\"exit_status\":86"), row);
    }
    assertEquals(2, drill("--crash-points", "after-lunch"));
    assertEquals(2, drill("--crash-points", "all", "--signal", "KILL"));
    assertTrue(err.toString().contains("--crash-points after-lunch: all, or"), err.toString());
    assertTrue(err.toString().contains("--signal: fixed by --crash-points"), err.toString());
  }
}
