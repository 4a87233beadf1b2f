package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastcall.catcher.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mailbox as browsers and scripts see it. */
final class MailboxPagesTest {
  private static final String PLAIN =
      "From: a@example.org\r\nTo: bob@example.org\r\nSubject: plain\r\nMessage-ID: <plain@x>\r\n\r\n"
          + "Dear bob@example.org, <b>hello</b>.";

  @TempDir Path directory;

  private MailboxFixture start() throws Exception {
    return new MailboxFixture(directory.resolve("mailbox"), false);
  }

  @Test
  void listsTheNewestFirstMarksCopiesAndFindsByRecipient() throws Exception {
    try (MailboxFixture service = start()) {
      for (int i = 0; i < 60; i++) {
        service.deliver("user" + i + "@example.org", "Subject: number " + i + "\r\n\r\nx");
      }
      service.deliver("bob@example.org", PLAIN);
      service.deliver("bob@example.org", PLAIN);
      String first = service.get("/mailbox").body();
      assertTrue(first.indexOf("came 2 times") < first.indexOf("number 59"), first);
      assertTrue(first.contains("number 12") && !first.contains("number 11"), first);
      assertTrue(first.contains("id=\"live\""), first);
      var older = Pattern.compile("rel=\"next\" href=\"([^\"]+)").matcher(first);
      assertTrue(older.find(), first);
      String second = service.get(older.group(1).replace("&amp;", "&")).body();
      assertTrue(second.contains("number 11") && second.contains("number 0"), second);
      String found = service.get("/mailbox?to=USER7@").body();
      assertTrue(found.contains("number 7<") && !found.contains("number 17"), found);
      String json = service.get("/api/mailbox?to=user7@").body();
      assertTrue(json.contains("\"subject\":\"number 7\""), json);
    }
  }

  @Test
  void deletesOneAndAllByFormAndByApi() throws Exception {
    try (MailboxFixture service = start()) {
      for (int i = 0; i < 4; i++) {
        service.deliver("ann@example.org", "Message-ID: <m" + i + ">\r\n\r\nx");
      }
      assertEquals(403, service.send("POST", "/mailbox/m0", "").statusCode(), "without the token");
      assertEquals(303, service.form("/mailbox/m0", "/mailbox/m0", "").statusCode());
      assertEquals(404, service.form("/mailbox/m1", "/mailbox/m0", "").statusCode());
      assertEquals(204, service.send("DELETE", "/api/mailbox/m1", "").statusCode());
      assertEquals(404, service.send("DELETE", "/api/mailbox/m1", "").statusCode());
      assertEquals(2, files());
      assertEquals(403, service.send("POST", "/mailbox", "action=delete-all").statusCode());
      assertEquals(2, files());
      String page = "/mailbox?trouble=edit";
      assertEquals(303, service.form(page, "/mailbox", "action=delete-all").statusCode());
      assertEquals(0, files());
      service.deliver("ann@example.org", "Subject: x\r\n\r\nx");
      assertEquals("{\"deleted\":1}\n", service.send("DELETE", "/api/mailbox", "").body());
      assertEquals(404, service.get("/mailbox/m1").statusCode());
    }
  }

  private long files() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("mailbox"))) {
      return files.count();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret",
        "..%2fsecret",
        "%2e%2e%2fsecret",
        "..%252fsecret",
        "%2fetc%2fpasswd",
        "..",
        "secret%00",
        ".unfinished-1",
        "%ff%fe",
        "x/../../secret"
      })
  void noIdLeadsOutOfTheMailbox(String id) throws Exception {
    Files.writeString(directory.resolve("secret.eml"), "Subject: secret\r\n\r\ntop secret");
    try (MailboxFixture service = start()) {
      for (String path : new String[] {"/mailbox/", "/api/mailbox/"}) {
        HttpResponse<String> answer = service.get(path + id);
        assertFalse(answer.body().contains("top secret"), answer.body());
        int status = answer.statusCode();
        assertTrue(status == 404 || status == 400 || id.equals(".."), id + " " + status);
        service.send("DELETE", path + id, "");
      }
      assertTrue(Files.exists(directory.resolve("secret.eml")));
    }
  }

  @Test
  void readOnlyForbidsEveryActionAndOffersNone() throws Exception {
    try (MailboxFixture service = new MailboxFixture(directory.resolve("mailbox"), true)) {
      service.deliver("ann@example.org", "Message-ID: <m>\r\n\r\nx");
      assertEquals(403, service.form("/mailbox/m", "/mailbox/m", "").statusCode());
      assertEquals(403, service.send("DELETE", "/api/mailbox/m", "").statusCode());
      assertEquals(403, service.send("DELETE", "/api/mailbox", "").statusCode());
      assertEquals(403, service.send("PUT", "/api/mailbox/trouble", "{}").statusCode());
      assertEquals(403, service.form("/mailbox", "/mailbox", "action=trouble").statusCode());
      assertEquals(1, files());
      for (String page : new String[] {"/mailbox", "/mailbox?trouble=edit", "/mailbox/m"}) {
        assertFalse(service.get(page).body().contains("method=\"post\""), page);
      }
    }
  }

  @Test
  void withoutTheEmbeddedMailServerThereIsNoMailbox() throws Exception {
    try (MailboxFixture service = new MailboxFixture(null, false)) {
      for (String path :
          new String[] {
            "/mailbox",
            "/mailbox/x",
            "/mailbox/x/html",
            "/api/mailbox",
            "/api/mailbox/wait?to=x",
            "/api/mailbox/trouble"
          }) {
        HttpResponse<String> answer = service.get(path);
        assertEquals(404, answer.statusCode(), path);
        assertTrue(answer.body().contains("smtp.host=embedded"), answer.body());
      }
    }
  }

  @Test
  void troubleIsMadeShownInRedAndEnded() throws Exception {
    try (MailboxFixture service = start()) {
      String edit = "/mailbox?trouble=edit";
      String wrong = "action=trouble&kind=refuse&reply=250+fine&next=x&share=2&delay=1h";
      HttpResponse<String> refused = service.form(edit, "/mailbox", wrong);
      assertEquals(422, refused.statusCode());
      for (String field :
          new String[] {"/reply must", "/next must", "/share must", "/delay must"}) {
        assertTrue(refused.body().contains(field), refused.body());
      }
      assertEquals(Trouble.NONE, service.mail.trouble().now());
      String right = "action=trouble&kind=refuse&at=rcpt&reply=550+5.1.1+nobody&next=2&delay=";
      assertEquals(303, service.form(edit, "/mailbox", right).statusCode());
      String page = service.get("/mailbox").body();
      assertTrue(
          page.contains("class=\"alarm\" role=\"status\">Trouble is on")
              && page.contains("refuses the next 2 with 550 5.1.1 nobody, after RCPT"),
          page);
      assertEquals(303, service.form("/mailbox", "/mailbox", "action=end-trouble").statusCode());
      assertEquals(Trouble.NONE, service.mail.trouble().now());

      String put =
          "{\"kind\":\"silence\",\"at\":\"dot\",\"next\":3,\"delay\":\"500ms\",\"share\":0.5}";
      HttpResponse<String> set = service.send("PUT", "/api/mailbox/trouble", put);
      assertTrue(
          set.body()
              .startsWith("{\"on\":true,\"delay\":\"500ms\",\"at\":\"dot\",\"kind\":\"silence\""),
          set.body());
      assertEquals(set.body(), service.get("/api/mailbox/trouble").body());
      for (String bad : new String[] {"", "[]", "{\"at\":{}}", "{\"at\":\"dot\"", "{} {}"}) {
        assertEquals(400, service.send("PUT", "/api/mailbox/trouble", bad).statusCode(), bad);
      }
      for (String bad : new String[] {"{}", "{\"at\":\"never\"}", "{\"code\":451}"}) {
        assertEquals(422, service.send("PUT", "/api/mailbox/trouble", bad).statusCode(), bad);
      }
      String off = service.send("DELETE", "/api/mailbox/trouble", "").body();
      assertTrue(off.startsWith("{\"on\":false,"), off);
    }
  }
}
