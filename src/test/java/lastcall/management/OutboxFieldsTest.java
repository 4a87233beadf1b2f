package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What requests say wrong, and what answers must not say. */
final class OutboxFieldsTest extends OutboxPagesFixture {
  /** An action that was to be narrower, or a dry run, must not be done because of a slip. */
  @Test
  void whatIsMisspeltIsNotDone() throws Exception {
    for (String fields :
        List.of(
            "state=refused&dry_run=1",
            "state=refused&dry_run",
            "state=refused&dry-run=true",
            "state=refused&oldr_than=7d",
            "state=refused&older_than=",
            "state=refused&state=due",
            "id=mail-ann&state=due",
            "id=mail-ann&older_than=7d")) {
      for (String action : List.of("retry", "cancel")) {
        String path = "/api/outbox/" + action;
        assertHas("HTTP/1.1 400", ask("POST", path, fields));
        assertHas("HTTP/1.1 400", ask("POST", path + "?" + fields, ""));
      }
    }
    assertHas("HTTP/1.1 400", ask("POST", "/api/outbox/retry?state=refused", "state=refused"));
    assertHas("HTTP/1.1 400", get("/api/outbox?stat=refused"));
    assertHas("HTTP/1.1 400", get("/outbox?stat=refused"));
    assertHas("HTTP/1.1 400", get("/outbox/confirm/retry?state=refused&oldr_than=7d"));
    assertHas("HTTP/1.1 400", ask("POST", "/outbox/retry", token() + "&state=refused&oldr=7d"));
    assertEquals("refused null 1", sql.mail("ann"));
    assertEquals("due null 0", sql.mail("cyd"));
  }

  @Test
  void aPauseEndsWhenItWasToldTo() throws Exception {
    String path = "/api/outbox/pause";
    String json = "\r\nContent-Type: application/json";
    String text = "\r\nContent-Type: text/plain";
    assertHas("HTTP/1.1 415", ask("POST", path, text, "{\"for\":\"15m\"}"));
    assertHas("HTTP/1.1 415", ask("POST", path, "", "for=15m"));
    for (String body :
        List.of(
            "for=15m&until=2030-01-31T12:00:00Z",
            "until=%2B1000000000-12-31T23:59:59Z",
            "until=-1000000000-01-01T00:00:00Z",
            "until=%2B10000-01-01T00:00:00Z",
            "{\"for\":\"15m\"}",
            "for=",
            "fro=15m")) {
      assertHas("HTTP/1.1 400", ask("POST", path, body));
    }
    for (String body : List.of("[]", "{\"for\":{}}", "{\"fro\":\"15m\"}", "{\"for\":null}")) {
      assertHas("HTTP/1.1 400", ask("POST", path, json, body));
    }
    assertEquals("0", sql.row("SELECT COUNT(*) FROM pause"));
    assertHas("HTTP/1.1 200", ask("POST", path, json + "; charset=utf-8", "{\"for\":\"15m\"}"));
    assertEquals("900000", sql.row("SELECT paused_until - paused_at FROM pause"));
  }

  /** A mail server repeats the recipient in its reply. */
  @Test
  void reasonsAreMaskedToo() throws Exception {
    String reason = "RCPT 550 5.1.1 <ann@example.org>: Recipient address rejected";
    sql.execute("UPDATE outbox SET last_error = '" + reason + "' WHERE id = 'mail-ann'");
    sql.execute("UPDATE attempts SET reason = '" + reason + "'");
    for (String path :
        List.of("/outbox", "/api/outbox", "/outbox/mail-ann", "/api/outbox/mail-ann")) {
      String masked = get(path);
      assertHas("a…@e….org", masked);
      assertHas("Recipient address rejected", masked);
      assertFalse(masked.contains("ann@example.org"), masked);
      assertFalse(get(path + "?addresses=1").contains("ann@example.org"), path);
      assertHas("5.1.1", get(path + "?addresses=show"));
      assertHas("ann@example.org", get(path + "?addresses=show"));
    }
    assertHas("mail-ann", get("/api/outbox?reason=ann@example.org"));
  }
}
