package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.drill.Rows;
import org.junit.jupiter.api.Test;

/** {@code /openapi} of the management port says what is true: real services give its answers. */
final class ManagementApiTest extends ManagementApiFixture {
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

  private static String id(String json) {
    Matcher id = ID.matcher(json);
    assertTrue(id.find(), json);
    return id.group(1);
  }

  @Test
  void everyAnswerIsGivenAsDocumented() throws Exception {
    smtp.delay(Duration.ofSeconds(3));
    start(false);
    assertEquals(List.of(), document.wrongExamples());
    refusals();
    state();
    stop();
    caughtBefore();
    start(true);
    outbox();
    mailbox();
    assertEquals(List.of(), wrong);
    Set<String> documented = document.answers();
    documented.removeIf(
        answer -> answer.endsWith(" 503") && !answer.equals("GET /observe/health/ready 503"));
    assertEquals(documented, given, "documented, and given");
  }

  /** Whom nothing is told, and what there is not. */
  private void refusals() throws Exception {
    for (String answer : answers(401)) {
      provoke(answer, path(answer), "", "X: none");
    }
    for (String answer : answers(403)) {
      if (answer.startsWith("GET ")) {
        continue; // of an attachment, which is asked where there is a mailbox
      }
      provoke(answer, path(answer), "", BEARER, "Sec-Fetch-Site: cross-site");
    }
    for (String answer : answers(421)) {
      provoke(answer, path(answer), "", BEARER, "Host: evil.test");
    }
    for (String answer : answers(404)) {
      if (answer.contains("/mailbox")) {
        assertTrue(provoke(answer).contains("no-embedded-mail"), answer);
      }
    }
  }

  private void state() throws Exception {
    for (String check : List.of("live", "ready", "started")) {
      String path = "/observe/health/" + check;
      provoke("GET " + path + " 200", path, "", "X: none");
    }
    for (String path :
        List.of("/api/status", "/api/stop", "/api/events", "/openapi", "/observe/metrics", "/")) {
      get(path, 200, path);
    }
    get("/", 200, "/?format=line");
    get("/login", 200, "/login");
  }

  private void stop() throws Exception {
    signUp(service, 40);
    provoke("GET /api/status 200");
    service.signal("TERM");
    service.await("completing background tasks");
    String ready = "/observe/health/ready";
    provoke("GET " + ready + " 503", ready, "", "X: none");
    provoke("GET /api/status 200");
    assertTrue(provoke("GET /api/stop 200").contains("\"if_cut\""));
    assertEquals(0, service.awaitExit());
  }

  private void outbox() throws Exception {
    String mailbox = "/api/mailbox/trouble";
    String trouble = "{\"at\":\"rcpt\",\"reply\":\"550 5.1.1 nobody\",\"next\":2}";
    provoke("PUT " + mailbox + " 200", mailbox, trouble, BEARER);
    signUp(service, 2, "nobody");
    Rows rows = service.rows();
    service.await("welcome e-mail refused", 2);
    while (rows.count("outbox WHERE state = 'refused'") < 2) {
      Thread.onSpinWait(); // it is logged before it is recorded
    }
    String one = "/api/outbox/{id}";
    String refused = id(get("/api/outbox", 200, "/api/outbox?state=refused&limit=1"));
    get("/api/outbox", 200, "/api/outbox?address=nobody0@example.org&addresses=show");
    get("/api/outbox", 400, "/api/outbox?limit=0");
    String details = get(one, 200, "/api/outbox/" + refused);
    assertTrue(details.contains("RCPT 550 "), details);
    get(one, 404, "/api/outbox/nothing");
    get("/outbox", 200, "/outbox");
    get("/outbox", 400, "/outbox?older_than=long");
    get("/outbox/{id}", 200, "/outbox/" + refused);
    get("/outbox/{id}", 404, "/outbox/nothing");
    String confirm = "/outbox/confirm/{action}";
    get(confirm, 200, "/outbox/confirm/retry?state=refused");
    get(confirm, 400, "/outbox/confirm/retry");

    String pause = "/api/outbox/pause";
    post(pause, 400, "for=long");
    assertTrue(post(pause, 200, "").contains("\"until\":null"));
    post(pause, 200, "for=1h");
    assertTrue(provoke("GET /api/status 200").contains("refused"));
    for (String action : List.of("retry", "cancel")) {
      String path = "/api/outbox/" + action;
      post(path, 400, "");
      post(path, 404, "id=nothing");
      post(path, 200, "state=unconfirmed");
    }
    for (String action : List.of("retry", "cancel", "pause", "resume")) {
      String path = "/api/outbox/" + action;
      provoke("POST " + path + " 415", path, "for=1h", BEARER, "Content-Type: text/plain");
    }
    post("/api/outbox/resume", 400, "for=1h");
    String retry = "/api/outbox/retry";
    String cancel = "/api/outbox/cancel";
    String dry = post(retry, 200, "state=refused&dry_run=true");
    assertTrue(dry.contains("\"mails\":2"), dry);
    String again = post(retry, 200, "id=" + refused);
    assertTrue(again.contains("\"state\":\"due\""), again);
    post(retry, 409, "id=" + refused);
    String cancelled = post(cancel, 200, "id=" + refused);
    assertTrue(cancelled.contains("\"state\":\"cancelled\""), cancelled);
    post(cancel, 409, "id=" + refused);
    assertTrue(post("/api/outbox/resume", 200, "").contains("\"pause\":null"));
    get("/api/outbox", 200, "/api/outbox?state=sent&limit=1");
  }

  private void mailbox() throws Exception {
    String trouble = "/api/mailbox/trouble";
    get(trouble, 200, trouble);
    provoke("PUT " + trouble + " 400", trouble, "[]", BEARER);
    provoke("PUT " + trouble + " 422", trouble, "{\"delay\":\"long\",\"share\":7}", BEARER);
    provoke("DELETE " + trouble + " 200");
    signUp(service, 2, "ann");

    String wait = "/api/mailbox/wait";
    String mail = get(wait, 200, wait + "?to=ann0@example.org&timeout=30s");
    get(wait, 200, wait + "?to=ann1@example.org&timeout=30s&addresses=show");
    get(wait, 404, wait + "?to=nobody@example.net&timeout=0s");
    get(wait, 400, wait + "?to=ann0@example.org&timeout=long");
    get("/api/mailbox", 200, "/api/mailbox?to=ann");
    get("/api/mailbox", 200, "/api/mailbox?before=-1");
    String id = id(mail);
    String one = "/api/mailbox/{id}";
    get(one, 200, "/api/mailbox/" + id);
    get(one, 404, "/api/mailbox/nothing");
    get("/mailbox", 200, "/mailbox");
    get("/mailbox/{id}", 200, "/mailbox/" + id);
    get("/mailbox/{id}/html", 200, "/mailbox/" + id + "/html");
    get("/mailbox/{id}/source", 200, "/mailbox/" + id + "/source");
    String file = "/mailbox/{id}/attachments/{number}";
    get(file, 200, "/mailbox/with-a-file/attachments/1?addresses=show");
    get(file, 403, "/mailbox/with-a-file/attachments/1");
    provoke("DELETE " + one + " 204", "/api/mailbox/" + id, "", BEARER);
    provoke("DELETE " + one + " 404", "/api/mailbox/" + id, "", BEARER);
    provoke("DELETE /api/mailbox 200");
  }

  /** An e-mail with an attachment, since ours have none. */
  private void caughtBefore() throws Exception {
    Path mailbox = Files.createDirectories(directory.resolve("mailbox"));
    Files.writeString(
        mailbox.resolve("with-a-file.eml"),
        """
        From: a@example.org
        To: b@example.org
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=x

        --x

        See there.
        --x
        Content-Disposition: attachment; filename=a.bin

        abc
        --x--
        """);
  }
}
