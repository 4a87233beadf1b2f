package lastcall.signup;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Locale;
import lastcall.config.AppConfig;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.Block;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator.BlockPool;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** The password hash Argon2id (RFC 9106), with a new salt for each password. */
final class Argon2id {
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;

  private final AppConfig.Password config;
  private final SecureRandom random = new SecureRandom();
  private final ThreadLocal<Memory> memory = ThreadLocal.withInitial(Memory::new);

  Argon2id(AppConfig.Password config) {
    this.config = config;
  }

  /** In PHC string format. */
  String hash(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(config.memoryKib())
            .withIterations(config.iterations())
            .withParallelism(1)
            .withSalt(salt)
            .withBlockPool(memory.get())
            .build());
    byte[] hash = new byte[HASH_BYTES];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return String.format(
        Locale.ROOT,
        "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s",
        config.memoryKib(),
        config.iterations(),
        base64.encodeToString(salt),
        base64.encodeToString(hash));
  }

  /** One thread's blocks, used for all its hashes: each would leave 19 MiB of garbage behind. */
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
