package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The outbox by pages and by JSON, as browsers and scripts see it. */
final class OutboxPagesTest extends OutboxPagesFixture {
  @Test
  void showsWhatIsThere() throws Exception {
    String list = get("/outbox?state=refused");
    assertHas("<a href=\"/outbox/mail-ann\">", list);
    assertHas("a…@e….org", list);
    assertHas("RCPT 550 &lt;b&gt;no&lt;/b&gt;", list);
    assertFalse(list.contains("mail-cyd"), list);
    assertHas("ann@example.org", get("/outbox?state=refused&addresses=show"));
    assertHas("after=5:mail-bob\">Older ones", get("/outbox?state=refused&limit=1"));
    assertHas("No e-mail matches", get("/outbox?id=nobody"));
    String mail = get("/outbox/mail-ann");
    assertHas("RCPT 451 4.7.1", mail);
    assertHas("inst-1", mail);
    assertHas("0af7651916cd43dd8448eb211c80319c<", mail);
    assertHas("<th scope=\"row\">Kind</th><td>welcome</td>", mail);
    assertHas("HTTP/1.1 404", get("/outbox/nobody"));
    assertHas("HTTP/1.1 400", get("/outbox?state=odd"));
    assertHas("\"tries\":2", get("/api/outbox/mail-ann"));
    assertHas("\"refused\":2", get("/api/outbox?state=due"));
  }

  /** The number first, then the action. */
  @Test
  void sendsAgainAllThatMatch() throws Exception {
    String confirm = get("/outbox/confirm/retry?state=refused");
    assertHas("<strong>2 e-mails</strong>", confirm);
    assertHas("HTTP/1.1 403", ask("POST", "/outbox/retry", "state=refused"));
    assertHas("HTTP/1.1 400", ask("POST", "/outbox/retry", token() + "&state="));
    String done = ask("POST", "/outbox/retry", token() + "&state=refused");
    assertHas("Location: /outbox?state=refused&done=2&more=false", done);
    assertHas("Done with 2 e-mails", get("/outbox?state=refused&done=2&more=false"));
    assertEquals("due null 0", sql.mail("ann"));
    assertHas("HTTP/1.1 303", ask("POST", "/outbox/cancel", token() + "&id=mail-cyd"));
    assertEquals("cancelled null 0", sql.mail("cyd"));
    String again = ask("POST", "/outbox/cancel", token() + "&id=mail-cyd");
    assertHas("HTTP/1.1 409", again);
    assertHas("Not done: it is cancelled", again);
  }

  @Test
  void jsonDoesTheSame() throws Exception {
    String dry = ask("POST", "/api/outbox/retry", "state=refused&dry_run=true");
    assertHas("{\"dry_run\":true,\"mails\":2,\"more\":false}", dry);
    assertHas("HTTP/1.1 400", ask("POST", "/api/outbox/retry", ""));
    assertHas("\"mails\":2", ask("POST", "/api/outbox/retry?state=refused", ""));
    assertEquals("due null 0", sql.mail("ann"));
    assertHas("HTTP/1.1 409", ask("POST", "/api/outbox/retry?id=mail-ann", ""));
    assertHas("HTTP/1.1 404", ask("POST", "/api/outbox/cancel?id=x", ""));
    assertHas("\"state\":\"cancelled\"", ask("POST", "/api/outbox/cancel", "id=mail-ann"));
    assertHas("\"by\":\"local@127.0.0.1\"", ask("POST", "/api/outbox/pause?for=2h", ""));
    assertHas("HTTP/1.1 400", ask("POST", "/api/outbox/pause?until=2001-01-01T00:00:00Z", ""));
    assertHas("\"pause\":null", ask("POST", "/api/outbox/resume", ""));
  }

  @Test
  void pausesAndResumes() throws Exception {
    assertHas("HTTP/1.1 303", ask("POST", "/outbox/pause", token() + "&for="));
    assertHas("until somebody resumes it", get("/outbox"));
    assertHas("HTTP/1.1 303", ask("POST", "/outbox/resume", token()));
    assertHas("Pause delivery", get("/outbox"));
  }

  @Test
  void readOnlyOffersAndDoesNothing() throws Exception {
    serve(true);
    for (String path : List.of("/outbox?state=refused", "/outbox/mail-ann")) {
      String page = get(path);
      assertHas("HTTP/1.1 200", page);
      assertFalse(page.contains("method=\"post\""), page);
    }
    assertHas("HTTP/1.1 403", ask("POST", "/api/outbox/retry?state=refused", ""));
    assertEquals("refused null 1", sql.mail("ann"));
  }
}
