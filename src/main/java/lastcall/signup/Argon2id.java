package lastcall.signup;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.config.AppConfig;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.Block;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.BlockPool;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/** The password hash Argon2id (RFC 9106), with a new salt for each password. */
final class Argon2id {
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int MAX_KIB = 1024 * 1024; // as for password.memory

  /** What {@link #hash} writes, and no other form, cost or length. */
  private static final Pattern PHC =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=([1-9]\\d{0,6}),t=([1-9]\\d?|100),p=1"
              + "\\$([A-Za-z0-9+/]{22})\\$[A-Za-z0-9+/]{43}");

  private final AppConfig.Password config;
  private final SecureRandom random = new SecureRandom();
  private final ThreadLocal<Memory> memory = ThreadLocal.withInitial(Memory::new);

  Argon2id(AppConfig.Password config) {
    this.config = config;
  }

  /**
   * In PHC string format.
   *
   * @param like null for a new salt at the configured cost; or an earlier hash, whose salt and cost
   *     are used again: then the results are equal if the passwords are. "" for a hash that we
   *     can't have written, or that would take more than a quarter of the heap.
   */
  String hash(String password, @Nullable String like) {
    if (like == null) {
      byte[] salt = new byte[SALT_BYTES];
      random.nextBytes(salt);
      return hash(password, config.memoryKib(), config.iterations(), salt, memory.get());
    }
    Matcher parts = PHC.matcher(like);
    if (!parts.matches()) {
      return "";
    }
    int kib = Integer.parseInt(parts.group(1));
    int iterations = Integer.parseInt(parts.group(2));
    byte[] salt = Base64.getDecoder().decode(parts.group(3));
    if (kib <= config.memoryKib()) {
      return hash(password, kib, iterations, salt, memory.get());
    }
    // The cost was lowered since. The heap has room for one such hash beside those of all threads.
    synchronized (this) {
      boolean fits = kib <= Math.min(MAX_KIB, Runtime.getRuntime().maxMemory() / 4096);
      return fits ? hash(password, kib, iterations, salt, new Memory()) : "";
    }
  }

  private static String hash(
      String password, int memoryKib, int iterations, byte[] salt, Memory memory) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(1)
            .withSalt(salt)
            .withBlockPool(memory)
            .build());
    byte[] hash = new byte[HASH_BYTES];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    String cost = "m=" + memoryKib + ",t=" + iterations + ",p=1";
    return String.join(
        "$", "$argon2id$v=19", cost, base64.encodeToString(salt), base64.encodeToString(hash));
  }

  /** One thread's blocks, used for all its hashes: each would leave megabytes of garbage. */
  private static final class Memory implements BlockPool {
    private final ArrayDeque<Block> free = new ArrayDeque<>();

    @Override
    public Block allocate() {
      Block block = free.poll();
      return block == null ? new Block() : block;
    }

    @Override
    public void deallocate(Block block) {
      free.push(block.clear()); // what was derived from a password does not stay
    }
  }
}
