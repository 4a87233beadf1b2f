package lastcall;

import static lastcall.kinds.MailKinds.ALREADY_REGISTERED;
import static lastcall.kinds.MailKinds.WELCOME;
import static lastcall.mail.MailFixture.GUARD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Pattern;
import lastcall.background.BackgroundScope;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import lastcall.kinds.MailKind;
import lastcall.mail.AngusMailer;
import lastcall.mail.MailFixture;
import lastcall.mail.SmtpListener;
import lastcall.outbox.Outbox;
import lastcall.shutdown.Deadline;
import lastcall.store.Database;
import lastcall.store.NewMail;
import lastcall.store.NewUser;
import lastcall.store.Sql;
import lastcall.store.StoreListener;
import lastcall.store.Stored;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** docs/how-to-add-an-email.md, done as it says, with the mailer and the outbox of the service. */
@Timeout(60)
final class AddAnEmailTest {
  /** To a user whose password was changed. */
  public record PasswordChanged(String name, String device) {}

  public static final MailKind<PasswordChanged> PASSWORD_CHANGED =
      new MailKind<PasswordChanged>("password-changed", "Your password was changed")
          .with("name", 60, PasswordChanged::name)
          .with("device", 80, PasswordChanged::device);

  public static final List<MailKind<?>> ALL =
      List.of(WELCOME, ALREADY_REGISTERED, PASSWORD_CHANGED);

  private static final Path PAGE = Path.of("docs/how-to-add-an-email.md");

  @TempDir Path directory;
  private AppConfig.Store store;
  private Database database;
  private ScriptedSmtpServer smtp;
  private Outbox outbox;

  @BeforeEach
  void open() throws Exception {
    store = AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
    database = Database.open(store, StoreListener.NONE);
    smtp = new ScriptedSmtpServer();
    AngusMailer mailer =
        new AngusMailer(
            MailFixture.smtp(AppConfig.Tls.NONE, GUARD, null),
            "127.0.0.1",
            smtp.port(),
            2,
            ALL,
            SmtpListener.NONE);
    outbox =
        new Outbox(
            new AppConfig.Delivery(2, GUARD, 3, 5, GUARD, GUARD, DeliveryRate.NONE),
            AppConfig.Drain.DUE,
            database.outbox("me"),
            mailer,
            new BackgroundScope("send", 2, thrown -> {}),
            event -> {});
  }

  @AfterEach
  void close() throws Exception {
    outbox.cut(Deadline.in(Duration.ofSeconds(1)));
    smtp.close();
    assertTrue(database.close(GUARD), "the writer hangs");
  }

  private static void store(Sql sql, Stored.Accepted user, String device) throws Exception {
    PasswordChanged data = new PasswordChanged(user.name(), device);
    String id = UUID.randomUUID() + "@lastcall.example"; // the domain is smtp.domain()
    new NewMail(id, user.id(), user.email(), PASSWORD_CHANGED, data, null).insert(sql);
  }

  @Test
  void anEmailOfAThirdKindIsSentWithItsData() throws Exception {
    outbox.start(false);
    String name = "Ann <b>{device}</b> $1";
    String to = "ann@example.org";
    NewUser ann = new NewUser("u1", name, to, to, "hash", null, "welcome@x.example", null);
    var user = assertInstanceOf(Stored.Accepted.class, TestDatabase.signups(database).insert(ann));
    Sql sql = Database.connect(store);
    try (Connection closed = sql.connection()) {
      assertTrue(closed.getAutoCommit());
      store(sql, user, "\"Fire\" & 'Fox'\nBcc: x@example.org");
    }
    var sent =
        smtp.awaitAccepted(2, GUARD).stream()
            .filter(mail -> !mail.text().contains("Welcome!"))
            .findFirst()
            .orElseThrow();
    assertEquals("ann@example.org", sent.recipient());
    MimeMessage message =
        new MimeMessage(
            Session.getInstance(new Properties()),
            new ByteArrayInputStream(sent.text().getBytes(StandardCharsets.ISO_8859_1)));
    assertEquals("Your password was changed", message.getSubject());
    MimeMultipart parts = (MimeMultipart) message.getContent();
    String device = "\"Fire\" & 'Fox' Bcc: x@example.org";
    assertEquals(
        template(".txt").replace("{device}", device).replace("{name}", name),
        text(parts, 0).replace("\r\n", "\n"));
    assertEquals(
        template(".html")
            .replace("{device}", "&quot;Fire&quot; &amp; &#39;Fox&#39; Bcc: x@example.org")
            .replace("{name}", "Ann &lt;b&gt;{device}&lt;/b&gt; $1"),
        text(parts, 1).replace("\r\n", "\n"));
  }

  private static String text(MimeMultipart parts, int part) throws Exception {
    return assertInstanceOf(String.class, parts.getBodyPart(part).getContent());
  }

  private static String template(String ending) throws Exception {
    return Files.readString(Path.of("src/test/resources/lastcall/mail/password-changed" + ending));
  }

  /** An older version would send it as something else, or try it until it is exhausted. */
  @Test
  void anEmailOfAKindThatANewerVersionHasStoredWaits() throws Exception {
    TestDatabase.signups(database).insert(TestDatabase.user("ann"));
    TestDatabase.signups(database).insert(TestDatabase.user("bob"));
    try (TestDatabase rows = new TestDatabase(store)) {
      rows.execute("UPDATE outbox SET kind = 'newer', attempts = 1 WHERE id = 'mail-ann'");
      outbox.start(false);
      TestDatabase.await(
          "both looked at",
          () -> {
            try {
              return rows.row("SELECT COUNT(*) FROM outbox WHERE last_error > '' OR state = 'sent'")
                  .equals("2");
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      assertEquals(
          "due null 1 kind unknown to this version: newer 1",
          rows.row(
              "SELECT state, owner, attempts, last_error, due_at > created_at + 240000 FROM outbox"
                  + " WHERE id = 'mail-ann'"));
      assertEquals("sent null 1", rows.mail("bob"));
      assertEquals("bob@example.org", smtp.awaitAccepted(1, GUARD).getFirst().recipient());
      assertEquals(1, smtp.accepted().size());
    }
  }

  /** The code and the templates of the page are those of this test. */
  @Test
  void thePageIsWhatIsTested() throws Exception {
    String code = Files.readString(Path.of("src/test/java/lastcall/AddAnEmailTest.java"));
    List<String> java = blocks("java");
    assertEquals(3, java.size());
    java.forEach(block -> assertTrue(code.contains(block), block));
    assertEquals(List.of(template(".txt")), blocks("text"));
    assertEquals(List.of(template(".html")), blocks("html"));
    long lines = java.getFirst().lines().count() + 1;
    assertTrue(lines <= 20, "a kind takes " + lines + " lines");
  }

  private static List<String> blocks(String language) throws Exception {
    Pattern block = Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$");
    return block.matcher(Files.readString(PAGE)).results().map(b -> b.group(1)).toList();
  }
}
