package lastcall.management;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.admin.OutboxAdmin;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A management port over an outbox with three e-mails. */
abstract class OutboxPagesFixture {
  private static final String FORM = "\r\nContent-Type: application/x-www-form-urlencoded";

  @TempDir Path directory;
  Database database;
  TestDatabase sql;
  OutboxAdmin admin;
  int port;

  @BeforeEach
  void serve() throws Exception {
    AppConfig.Store store = AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
    database = Database.open(store, StoreListener.NONE);
    sql = new TestDatabase(store);
    admin = new OutboxAdmin(store);
    serve(false);
    for (String name : List.of("ann", "bob", "cyd")) {
      TestDatabase.signups(database).insert(TestDatabase.user(name));
    }
    sql.execute(
        "UPDATE outbox SET state = 'refused', ended_at = 5, attempts = 1,"
            + " last_error = 'RCPT 550 <b>no</b>' WHERE id <> 'mail-cyd'");
    sql.execute(
        "INSERT INTO attempts VALUES ('mail-ann', 1, 2, 5, 'inst-1', 'refused', 'RCPT 451 4.7.1')");
    sql.execute(
        "UPDATE outbox SET traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'");
  }

  void serve(boolean readOnly) {
    AppConfig.Management config = new AppConfig.Management("127.0.0.1", 0, null, readOnly);
    Access access = new Access(config);
    Pages pages = new Pages(access, Map::of);
    ManagementServer server =
        new ManagementServer(
            config,
            Duration.ofSeconds(5),
            () -> Readiness.READY,
            () -> Readiness.READY,
            () -> true,
            access,
            List.of(new OutboxPages(pages, admin), new OutboxApi(pages, admin)));
    server.start();
    port = server.port();
  }

  @AfterEach
  void close() throws Exception {
    admin.close();
    sql.close();
    assertTrue(database.close(Duration.ofSeconds(20)), "the writer hangs");
  }

  String ask(String method, String path, String body) throws IOException {
    return ask(method, path, FORM, body);
  }

  String ask(String method, String path, String type, String body) throws IOException {
    try (Socket client = new Socket("127.0.0.1", port)) {
      client.setSoTimeout(30_000);
      String form = body.isEmpty() ? "" : type + "\r\nContent-Length: " + body.length();
      String head = method + " " + path + " HTTP/1.1\r\nHost: localhost:" + port + form;
      client
          .getOutputStream()
          .write((head + "\r\nConnection: close\r\n\r\n" + body).getBytes(UTF_8));
      return new String(client.getInputStream().readAllBytes(), UTF_8);
    }
  }

  String get(String path) throws IOException {
    return ask("GET", path, "");
  }

  static void assertHas(String part, String text) {
    assertTrue(text.contains(part), () -> part + " is not in: " + text);
  }

  String token() throws IOException {
    Matcher token =
        Pattern.compile("name=\"form_token\" value=\"([^\"]+)\"").matcher(get("/outbox"));
    assertTrue(token.find());
    return "form_token=" + token.group(1);
  }
}
