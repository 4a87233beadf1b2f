package lastcall.signup;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id (RFC 9106) on a fixed pool of platform threads, one a processor. On virtual threads 64
 * hashes at once kept an unrelated one waiting for 2 s, on such a pool 11–28 ms.
 */
public final class PasswordHasher {
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;

  private final int memoryKib;
  private final int iterations;
  private final SecureRandom random = new SecureRandom();
  private final ThreadPoolExecutor pool;

  /**
   * @param maxQueued how many may wait for a thread before the next is refused
   */
  public PasswordHasher(int memoryKib, int iterations, int maxQueued) {
    this.memoryKib = memoryKib;
    this.iterations = iterations;
    int threads = Runtime.getRuntime().availableProcessors();
    this.pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxQueued),
            Thread.ofPlatform().daemon().name("password-", 0).factory());
  }

  /**
   * The hash in PHC string format. Waits for a thread: at most the queue's length times some 40 ms.
   *
   * @throws RejectedExecutionException when too many wait already
   */
  public String hash(String password) throws InterruptedException {
    Callable<String> work = () -> argon2id(password);
    Future<String> hash = pool.submit(work);
    try {
      return hash.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("hashing failed", e.getCause());
    } finally {
      hash.cancel(false); // a caller that was interrupted leaves no work behind
    }
  }

  private String argon2id(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[HASH_BYTES];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return ("$argon2id$v=19$m=" + memoryKib + ",t=" + iterations + ",p=1")
        + ("$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash));
  }
}
