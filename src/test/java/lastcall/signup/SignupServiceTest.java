package lastcall.signup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import lastcall.testing.TestDatabase;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SignupServiceTest {
  private static final SignupRequest ANN =
      new SignupRequest("Ann", "Ann@Example.org", "correct horse", "key");

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

  @Test
  void hashVerifies() throws Exception {
    PasswordHasher hasher = hasher(64, 3, 4);
    String phc = hash(hasher);
    String[] parts = phc.split("\\$");
    assertEquals("argon2id v=19 m=64,t=3,p=1", parts[1] + " " + parts[2] + " " + parts[3]);
    byte[] salt = Base64.getDecoder().decode(parts[4]);
    byte[] hash = Base64.getDecoder().decode(parts[5]);
    assertEquals("16 32", salt.length + " " + hash.length);
    var verify = new Argon2BytesGenerator();
    verify.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(0x13)
            .withMemoryAsKB(64)
            .withIterations(3)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] again = new byte[32];
    verify.generateBytes("p\u00e4ssword".getBytes(StandardCharsets.UTF_8), again);
    assertArrayEquals(hash, again);
    assertNotEquals(phc, hash(hasher), "a salt for each");
  }

  private static PasswordHasher hasher(int memoryKib, int iterations, int maxQueued) {
    return new PasswordHasher(
        new AppConfig.Password(memoryKib, iterations, maxQueued), Duration.ofSeconds(60));
  }

  private static String hash(PasswordHasher hasher) throws Exception {
    return assertInstanceOf(PasswordHasher.Hash.class, hasher.hash("p\u00e4ssword")).phc();
  }

  /** Slow hashes and one place to wait: of many at once some are refused, and 503 it is. */
  @Test
  void fullHasherRefuses() throws Exception {
    PasswordHasher hasher = hasher(65536, 4, 1);
    SignupService service = service(hasher);
    List<Future<SignupOutcome>> all = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        SignupRequest one = new SignupRequest("n", "n" + i + "@example.org", "password", null);
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
    assertEquals(2, woken.get());
    var bob = new SignupRequest("Bob", "bob@example.org", "password", "key");
    assertEquals(new SignupOutcome.KeyReused(), service.signUp(bob));
    var again = new SignupRequest("Ann", "ann@example.org", "password", null);
    assertEquals(new SignupOutcome.AddressTaken(), service.signUp(again));
    assertEquals(2, woken.get());
    try (TestDatabase sql = new TestDatabase(config())) {
      assertEquals("1", sql.row("SELECT COUNT(*) FROM outbox WHERE id LIKE '%_@mail.example'"));
      assertEquals(
          "1", sql.row("SELECT COUNT(*) FROM users WHERE password_hash LIKE '$argon2id$%'"));
    }
    database.closeSignups(Duration.ofSeconds(20));
    var late = new SignupRequest("Late", "late@example.org", "password", null);
    assertInstanceOf(SignupOutcome.Unavailable.class, service.signUp(late));
  }

  private SignupService service(PasswordHasher hasher) {
    return new SignupService(hasher, database.signups(), "mail.example", woken::incrementAndGet);
  }
}
