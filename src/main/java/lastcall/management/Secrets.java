package lastcall.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What proves that a request comes from an operator. Nothing is kept: a session is its own end,
 * signed with the token, so it outlives a restart and holds for all instances that share the token.
 * All comparisons take the same time whatever differs, so that nothing can be guessed piece by
 * piece.
 */
final class Secrets {
  /** A working day. */
  static final Duration SESSION = Duration.ofHours(12);

  private static final String HMAC = "HmacSHA256";

  private final @Nullable String token;
  private final SecretKeySpec sessions;
  private final SecretKeySpec forms; // known to nobody, and gone with this process

  /**
   * @param token of management.token; null if none is needed
   */
  Secrets(@Nullable String token) {
    this.token = token;
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    this.forms = new SecretKeySpec(random, HMAC);
    this.sessions = token == null ? forms : new SecretKeySpec(token.getBytes(UTF_8), HMAC);
  }

  boolean needed() {
    return token != null;
  }

  boolean isToken(String given) {
    return token != null && same(token, given);
  }

  /** A new session, as the cookie holds it. */
  String session(Instant now) {
    long end = now.plus(SESSION).getEpochSecond();
    return end + "." + sign(sessions, "session until " + end);
  }

  boolean isSession(String cookie, Instant now) {
    String end = cookie.replaceFirst("\\..*", "");
    return end.matches("\\d{1,12}")
        && Long.parseLong(end) > now.getEpochSecond()
        && same(end + "." + sign(sessions, "session until " + end), cookie);
  }

  /** Stands in every form: another site's page can't read it, so it can't send the form. */
  String formToken() {
    return sign(forms, "form");
  }

  boolean isFormToken(String given) {
    return same(formToken(), given);
  }

  private static String sign(SecretKeySpec key, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static boolean same(String a, String b) {
    return MessageDigest.isEqual(a.getBytes(UTF_8), b.getBytes(UTF_8));
  }
}
