package lastcall.kinds;

import java.util.List;

/** Every kind of e-mail that the service sends. docs/how-to-add-an-email.md adds one. */
public final class MailKinds {
  private MailKinds() {}

  /** To a new user. */
  public record Welcome(String name) {}

  public static final MailKind<Welcome> WELCOME =
      new MailKind<Welcome>("welcome", "Welcome!").with("name", 60, Welcome::name);

  /** To a user whose address somebody has signed up with again, see signup.taken-address. */
  public record AlreadyRegistered(String name) {}

  public static final MailKind<AlreadyRegistered> ALREADY_REGISTERED =
      new MailKind<AlreadyRegistered>("already-registered", "You already have an account")
          .with("name", 60, AlreadyRegistered::name);

  public static final List<MailKind<?>> ALL = List.of(WELCOME, ALREADY_REGISTERED);
}
