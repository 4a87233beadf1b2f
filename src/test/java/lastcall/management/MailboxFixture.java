package lastcall.management;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.webserver.http.HttpFeature;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.catcher.EmbeddedMail;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;

/** A management port over an embedded mail server, and clients of both. */
final class MailboxFixture implements AutoCloseable {
  private static final Duration GUARD = Duration.ofSeconds(30);
  private static final Pattern FORM_TOKEN = Pattern.compile("name=\"form_token\" value=\"([^\"]+)");

  final @Nullable EmbeddedMail mail;
  final int port;
  final HttpClient http = HttpClient.newHttpClient();

  /**
   * @param directory of the mailbox; null for a service with another mail server
   */
  MailboxFixture(@Nullable Path directory, boolean readOnly) throws IOException {
    AppConfig.Management config = new AppConfig.Management("127.0.0.1", 0, null, readOnly);
    Access access = new Access(config);
    Pages pages = new Pages(access, () -> Map.of("mailbox", true));
    mail = directory == null ? null : new EmbeddedMail(directory, 0, Duration.ZERO);
    List<HttpFeature> features = Management.mailbox(pages, mail);
    ManagementServer server =
        new ManagementServer(
            config,
            GUARD,
            () -> Readiness.READY,
            () -> Readiness.READY,
            () -> true,
            access,
            features);
    server.start();
    port = server.port();
  }

  /** Sends an e-mail as any SMTP client does. */
  void deliver(String to, String text) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), mail.port())) {
      client.setSoTimeout(Math.toIntExact(GUARD.toMillis()));
      var in = new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
      String[] lines = {
        "HELO test", "MAIL FROM:<a@example.org>", "RCPT TO:<" + to + ">", "DATA", text + "\r\n."
      };
      in.readLine();
      for (String line : lines) {
        client.getOutputStream().write((line + "\r\n").getBytes(UTF_8));
        String reply = in.readLine();
        if (reply == null || reply.charAt(0) > '3') {
          throw new IOException(line + ": " + reply);
        }
      }
    }
  }

  HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), BodyHandlers.ofString());
  }

  HttpResponse<String> send(String method, String path, String body) throws Exception {
    HttpRequest request = request(path).method(method, BodyPublishers.ofString(body)).build();
    return http.send(request, BodyHandlers.ofString());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(GUARD);
  }

  /** Sends a form with the token that stands in its page. */
  HttpResponse<String> form(String page, String path, String fields) throws Exception {
    Matcher token = FORM_TOKEN.matcher(get(page).body());
    String sent = token.find() ? "form_token=" + token.group(1) + "&" + fields : fields;
    return send("POST", path, sent);
  }

  @Override
  public void close() throws IOException {
    http.close();
    if (mail != null) {
      mail.close();
    }
  }
}
