package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.testing.Engine;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random steps of two owners, crashes among them, against a model of the rows. */
@Timeout(60)
final class OutboxModelTest {
  private static final int STEPS = 2_000;
  private static final Duration LEASE = Duration.ofHours(1);

  /** A row as it must be. Times are all or nothing: due now, or in an hour. */
  private static final class Row {
    String state = "due";
    @Nullable String owner;
    int attempts;
    boolean dueNow = true;

    /** What it has already it does not claim again. */
    boolean isDueFor(String other) {
      return state.equals("due") && dueNow && !other.equals(owner);
    }

    @Override
    public String toString() {
      return state + " " + owner + " " + attempts + " " + (dueNow ? 1 : 0);
    }
  }

  private final Map<String, Row> model = new TreeMap<>();
  private int names;

  @ParameterizedTest
  @EnumSource
  @Proves("P4")
  void rowsAgreeWithTheModelAfterEachStep(Engine engine, @TempDir Path directory) throws Exception {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    AppConfig.Store config = engine.create(directory);
    Database database = Database.open(config, StoreListener.NONE);
    List<String> owners = new ArrayList<>(List.of("o0", "o1"));
    List<String> log = new ArrayList<>();
    try (TestDatabase sql = new TestDatabase(config)) {
      for (int step = 0; step < STEPS; step++) {
        int who = random.nextInt(owners.size());
        String owner = owners.get(who);
        OutboxStore store = database.outbox(owner);
        log.add(
            switch (random.nextInt(12)) {
              case 0, 1, 2 -> signUp(database);
              case 3, 4 -> claim(store, owner, random);
              case 5, 6, 7, 8 -> record(store, owner, random);
              case 9 -> expire(sql, random);
              case 10 -> release(store, owner, random);
              default -> crash(database, engine, owners, who, "o" + (step + 2));
            });
        String where =
            "seed " + seed + ", last steps " + log.subList(Math.max(0, step - 5), step + 1);
        assertEquals(
            rows(),
            sql.row(
                "SELECT id, state, owner, attempts, state <> 'due' OR due_at <= %s FROM outbox ORDER BY id"
                    .formatted(sql.now())),
            where);
      }
    } finally {
      assertTrue(database.close(Duration.ofSeconds(20)));
      engine.drop(config);
    }
  }

  private String rows() {
    List<String> lines = new ArrayList<>();
    model.forEach((id, row) -> lines.add(id + " " + row));
    return String.join("\n", lines);
  }

  private String signUp(Database database) throws Exception {
    long open = model.values().stream().filter(row -> row.state.equals("due")).count();
    if (open == 20) { // few rows, so that steps meet
      return "-";
    }
    String name = "%04d".formatted(names++);
    TestDatabase.signups(database).insert(TestDatabase.user(name));
    model.put("mail-" + name, new Row());
    return "sign-up " + name;
  }

  private String claim(OutboxStore store, String owner, Random random) throws Exception {
    int max = 1 + random.nextInt(10);
    List<DueMail> mails = store.claim(max, LEASE, OutboxStore.ANY_AGE).mails();
    long due = model.values().stream().filter(r -> r.isDueFor(owner)).count();
    assertEquals(Math.min(due, max), mails.size());
    for (DueMail mail : mails) {
      Row row = model.get(mail.id());
      assertTrue(row.isDueFor(owner), mail + " was not due: " + row);
      row.owner = owner;
      row.attempts++;
      row.dueNow = false;
      assertEquals(row.attempts, mail.attempts());
    }
    return owner + " claims " + mails;
  }

  private String record(OutboxStore store, String owner, Random random) throws Exception {
    if (model.isEmpty()) {
      return "-";
    }
    String id = open(random);
    Result result =
        switch (random.nextInt(5)) {
          case 0 -> Result.sent();
          case 1 -> Result.refused("5xx");
          case 2 -> Result.exhausted("4xx");
          case 3 -> Result.again(LEASE, "4xx");
          default -> Result.givenBack(Duration.ZERO, "421");
        };
    var answer = new CompletableFuture<Boolean>();
    store.record(id, result, answer::complete);
    Row row = model.get(id);
    boolean owned = owner.equals(row.owner);
    assertEquals(owned, answer.get(20, TimeUnit.SECONDS), owner + " of " + row);
    if (owned) {
      row.owner = null;
      row.dueNow = true;
      row.state = result.state().name().toLowerCase(Locale.ROOT);
      row.dueNow = result.dueIn().isZero();
      row.attempts -= result.counted() ? 0 : 1;
    }
    return owner + " " + id + " " + result + " owned=" + owned;
  }

  /** An hour passes for one row: its lease, or its wait, is over. */
  private String expire(TestDatabase sql, Random random) throws Exception {
    if (model.isEmpty()) {
      return "-";
    }
    String id = open(random);
    sql.execute("UPDATE outbox SET due_at = 1 WHERE id = '" + id + "'");
    model.get(id).dueNow = true;
    return "expired " + id;
  }

  private String release(OutboxStore store, String owner, Random random) throws Exception {
    Set<String> unknown = new TreeSet<>();
    int given = 0;
    for (Map.Entry<String, Row> entry : model.entrySet()) {
      boolean mine = owner.equals(entry.getValue().owner);
      boolean isUnknown = random.nextInt(3) == 0; // another's or nobody's row must not be touched
      if (isUnknown) {
        unknown.add(entry.getKey());
      }
      if (mine) {
        entry.getValue().owner = null;
        entry.getValue().dueNow = !isUnknown;
        entry.getValue().attempts -= isUnknown ? 0 : 1;
        given += isUnknown ? 0 : 1;
      }
    }
    assertEquals(given, store.release(() -> unknown));
    return owner + " releases all but " + unknown;
  }

  /**
   * One process is killed; the next, on a single-process database, finds everybody gone. On a
   * shared one the rows wait for their lease.
   */
  private String crash(Database database, Engine engine, List<String> owners, int who, String next)
      throws Exception {
    int others = 0;
    for (Row row : model.values()) {
      if (row.owner != null && engine == Engine.SQLITE) {
        row.owner = null;
        row.dueNow = true;
        others++;
      }
    }
    owners.set(who, next);
    assertEquals(others, database.outbox(next).recover(false));
    return next + " after a crash";
  }

  /** Mostly one that is still to be sent. */
  private String open(Random random) {
    List<String> all = List.copyOf(model.keySet());
    List<String> due = all.stream().filter(id -> model.get(id).state.equals("due")).toList();
    List<String> some = due.isEmpty() || random.nextInt(20) == 0 ? all : due;
    return some.get(random.nextInt(some.size()));
  }
}
