package lastcall.signup;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import lastcall.store.DatabaseException;
import lastcall.store.NewUser;
import lastcall.store.SignupStore;
import lastcall.store.Stored;

/** A sign-up, from the valid request to the commit. It never waits for the mail server. */
public final class SignupService {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final PasswordHasher hasher;
  private final SignupStore store;
  private final String messageIdDomain;
  private final Runnable stored;

  /**
   * @param stored called after each commit, on the request's thread; must not block
   */
  public SignupService(
      PasswordHasher hasher, SignupStore store, String messageIdDomain, Runnable stored) {
    this.hasher = hasher;
    this.store = store;
    this.messageIdDomain = messageIdDomain;
    this.stored = stored;
  }

  /**
   * Blocks until the commit: a bounded time for the hash, then at most 4 s; and for one more hash
   * if the idempotency key was used before.
   */
  public SignupOutcome signUp(SignupRequest request) {
    try {
      return switch (hasher.hash(request.password(), null)) {
        case PasswordHasher.Hash(String phc) -> store(request, phc);
        case PasswordHasher.Busy busy -> SignupOutcome.Unavailable.busy(busy);
        case PasswordHasher.Stopping() -> new SignupOutcome.Stopping();
      };
    } catch (DatabaseException e) {
      // Logged once by the database's writer, not once for each of a thousand sign-ups.
      return new SignupOutcome.Unavailable("The sign-up could not be stored.", SOON);
    } catch (InterruptedException e) {
      // The stop cut this request off. If it was stored all the same, its e-mail is sent.
      return new SignupOutcome.Unavailable("The service is shutting down.", SOON);
    }
  }

  private SignupOutcome store(SignupRequest request, String hash)
      throws DatabaseException, InterruptedException {
    return switch (store.insert(newUser(request, hash))) {
      case Stored.Accepted user -> {
        stored.run();
        yield accepted(user);
      }
      case Stored.Repeated(Stored.Accepted user, String first) ->
          // Only the stored hash can tell if the password is the same: nothing else is kept of it.
          switch (hasher.hash(request.password(), first)) {
            case PasswordHasher.Hash(String again) ->
                !again.isEmpty() && again.equals(first)
                    ? accepted(user)
                    : new SignupOutcome.KeyReused();
            case PasswordHasher.Busy busy -> SignupOutcome.Unavailable.busy(busy);
            case PasswordHasher.Stopping() -> new SignupOutcome.Stopping();
          };
      case Stored.Hidden(Stored.Accepted asNew) -> accepted(asNew);
      case Stored.AddressTaken() -> new SignupOutcome.AddressTaken();
      case Stored.KeyReused() -> new SignupOutcome.KeyReused();
    };
  }

  private static SignupOutcome accepted(Stored.Accepted user) {
    Instant createdAt = Instant.ofEpochMilli(user.createdAt());
    return new SignupOutcome.Accepted(new User(user.id(), createdAt, user.name(), user.email()));
  }

  private NewUser newUser(SignupRequest request, String hash) {
    return new NewUser(
        UUID.randomUUID().toString(),
        request.name(),
        request.email(),
        request.emailKey(),
        hash,
        request.idempotencyKey(),
        UUID.randomUUID() + "@" + messageIdDomain,
        request.traceparent());
  }
}
