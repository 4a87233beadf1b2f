package lastcall.signup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SignupServiceTest {
  private static final SignupRequest ANN =
      new SignupRequest("Ann", "Ann@Example.org", "correct horse", "key", null);

  @TempDir Path directory;
  private Database database;
  private final AtomicInteger woken = new AtomicInteger();

  @BeforeEach
  void open() throws Exception {
    database = Database.open(config(), StoreListener.NONE);
  }

  private AppConfig.Store config() {
    return AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
  }

  @AfterEach
  void close() throws Exception {
    assertTrue(database.close(Duration.ofSeconds(20)), "the writer hangs");
  }

  private static PasswordHasher hasher(int memoryKib, int iterations, int maxQueued) {
    return new PasswordHasher(
        new AppConfig.Password(memoryKib, iterations, maxQueued), Duration.ofSeconds(60));
  }

  /** Slow hashes and one place to wait: of many at once some are refused, and 503 it is. */
  @Test
  void fullHasherRefuses() throws Exception {
    PasswordHasher hasher = hasher(65536, 4, 1);
    SignupService service = service(hasher);
    List<Future<SignupOutcome>> all = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        SignupRequest one =
            new SignupRequest("n", "n" + i + "@example.org", "password", null, null);
        all.add(clients.submit(() -> service.signUp(one)));
      }
      TestDatabase.await("a hash on a thread of the pool", SignupServiceTest::hashing);
    }
    int refused = 0;
    for (Future<SignupOutcome> one : all) {
      if (one.get() instanceof SignupOutcome.Unavailable(String why, Duration after)) {
        assertEquals("Too many sign-ups at once.", why);
        assertTrue(after.isPositive(), after::toString);
        refused++;
      }
    }
    assertTrue(refused > 0 && refused < 40, refused + " refused");
    assertEquals(40 - refused, woken.get());
  }

  private static boolean hashing() {
    return Thread.getAllStackTraces().entrySet().stream()
        .anyMatch(t ->
            t.getKey().getName().startsWith("password-")
                && t.getKey().isDaemon()
                && List.of(t.getValue()).toString().contains("Argon2id"));
  }

  @Test
  void interruptedCallerIsToldAndTheHasherGoesOn() throws Exception {
    SignupService service = service(hasher(8, 1, 4));
    Thread.currentThread().interrupt();
    assertInstanceOf(SignupOutcome.Unavailable.class, service.signUp(ANN));
    assertTrue(!Thread.interrupted());
    assertInstanceOf(SignupOutcome.Accepted.class, service.signUp(ANN));
  }

  @Test
  void eachOutcomeHasItsAnswer() throws Exception {
    SignupService service = service(hasher(8, 1, 4));
    var accepted = assertInstanceOf(SignupOutcome.Accepted.class, service.signUp(ANN));
    assertEquals("Ann Ann@Example.org", accepted.user().name() + " " + accepted.user().email());
    assertEquals(accepted, service.signUp(ANN));
    assertEquals(1, woken.get(), "the repetition stored nothing");
    var bob = new SignupRequest("Bob", "bob@example.org", "password", "key", null);
    assertEquals(new SignupOutcome.KeyReused(), service.signUp(bob));
    var again = new SignupRequest("Ann", "ann@example.org", "password", null, null);
    assertEquals(new SignupOutcome.AddressTaken(), service.signUp(again));
    assertEquals(1, woken.get());
    try (TestDatabase sql = new TestDatabase(config())) {
      assertEquals("1", sql.row("SELECT COUNT(*) FROM outbox WHERE id LIKE '%_@mail.example'"));
      assertEquals(
          "1", sql.row("SELECT COUNT(*) FROM users WHERE password_hash LIKE '$argon2id$%'"));
    }
    database.closeSignups(Duration.ofSeconds(20));
    var late = new SignupRequest("Late", "late@example.org", "password", null, null);
    assertInstanceOf(SignupOutcome.Unavailable.class, service.signUp(late));
  }

  private static SignupRequest ann(String password) {
    return new SignupRequest("Ann", "Ann@Example.org", password, "key", null);
  }

  /** The client would take a password for stored that is not. */
  @Test
  void theSameKeyWithAnotherPasswordIsReused() throws Exception {
    SignupService service = service(hasher(8, 1, 4));
    var accepted = assertInstanceOf(SignupOutcome.Accepted.class, service.signUp(ANN));
    for (String other : new String[] {"correct horsf", "correct horse ", "Correct horse", "x"}) {
      assertEquals(new SignupOutcome.KeyReused(), service.signUp(ann(other)));
    }
    assertEquals(accepted, service.signUp(ANN));
    assertEquals(accepted, service.signUp(ANN), "no repetition changes what is stored");
  }

  /** A stored hash is verified at its own cost. */
  @Test
  void theSamePasswordIsRecognisedAfterTheCostWasChanged() throws Exception {
    var accepted = service(hasher(64, 3, 4)).signUp(ANN);
    assertInstanceOf(SignupOutcome.Accepted.class, accepted);
    for (PasswordHasher changed : new PasswordHasher[] {hasher(8, 1, 4), hasher(128, 5, 4)}) {
      assertEquals(accepted, service(changed).signUp(ANN));
      assertEquals(new SignupOutcome.KeyReused(), service(changed).signUp(ann("other words")));
    }
  }

  /** Whichever is stored, who has another password is not told that it was. */
  @Test
  void ofTwoPasswordsThatRaceForOneKeyOneIsAccepted() throws Exception {
    SignupService service = service(hasher(8, 1, 100));
    List<Future<SignupOutcome>> some = new ArrayList<>();
    List<Future<SignupOutcome>> others = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        some.add(clients.submit(() -> service.signUp(ANN)));
        others.add(clients.submit(() -> service.signUp(ann("other words"))));
      }
    }
    boolean first = service.signUp(ANN) instanceof SignupOutcome.Accepted;
    for (Future<SignupOutcome> one : some) {
      assertEquals(first, one.get() instanceof SignupOutcome.Accepted);
      assertEquals(!first, one.get() instanceof SignupOutcome.KeyReused);
    }
    for (Future<SignupOutcome> one : others) {
      assertEquals(!first, one.get() instanceof SignupOutcome.Accepted);
      assertEquals(first, one.get() instanceof SignupOutcome.KeyReused);
    }
    assertEquals(1, woken.get());
    try (TestDatabase sql = new TestDatabase(config())) {
      assertEquals("1", sql.row("SELECT COUNT(*) FROM users"));
    }
  }

  /** It could not be verified, and is not taken for the same. */
  @Test
  void aRepetitionThatWaitsForItsVerificationGetsWhatOthersGet() throws Exception {
    CountDownLatch verifying = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    PasswordHasher hasher =
        new PasswordHasher(
            new AppConfig.Password(19456, 2, 1),
            Duration.ofSeconds(60),
            (password, like) -> {
              if (like != null || password.equals("occupies a thread")) {
                verifying.countDown();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  throw new AssertionError("interrupted", e);
                }
              }
              return like == null ? "hash of " + password : like;
            });
    SignupService service = service(hasher);
    var accepted = assertInstanceOf(SignupOutcome.Accepted.class, service.signUp(ANN));
    int threads = Runtime.getRuntime().availableProcessors();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<SignupOutcome> repeated = clients.submit(() -> service.signUp(ANN));
      verifying.await();
      for (int i = 0; i < threads; i++) {
        clients.submit(() -> hasher.hash("occupies a thread", null));
      }
      TestDatabase.await("a full queue", () -> hasher.callers() == threads + 1);
      assertInstanceOf(SignupOutcome.Unavailable.class, service.signUp(ANN));
      release.countDown();
      assertEquals(accepted, repeated.get());
    }
  }

  /** Its password is hashed, and the stop comes before it is verified. */
  @Test
  void aRepetitionThatTheStopOvertakesIsToldSo() throws Exception {
    AtomicReference<Runnable> betweenTheTwo = new AtomicReference<>(() -> {});
    PasswordHasher hasher =
        new PasswordHasher(
            new AppConfig.Password(8, 1, 4),
            Duration.ofSeconds(60),
            (password, like) -> {
              betweenTheTwo.get().run();
              return "hash of " + password;
            });
    SignupService service = service(hasher);
    assertInstanceOf(SignupOutcome.Accepted.class, service.signUp(ANN));
    betweenTheTwo.set(hasher::stop);
    assertEquals(new SignupOutcome.Stopping(), service.signUp(ANN));
  }

  private SignupService service(PasswordHasher hasher) {
    return new SignupService(
        hasher, TestDatabase.signups(database), "mail.example", woken::incrementAndGet);
  }
}
