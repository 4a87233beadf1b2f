package lastcall.catcher;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lastcall.catcher.MailWait.Since;
import lastcall.mail.MailFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was caught: found again, waited for, deleted. */
final class MailboxTest {
  private static final Duration GUARD = MailFixture.GUARD;

  @TempDir Path directory;

  private Mailbox mailbox() throws IOException {
    return new Mailbox(directory, Duration.ZERO);
  }

  private static byte[] mail(String id) {
    return ("Message-ID: <" + id + ">\r\nTo: header-" + id + "\r\n\r\nhello").getBytes(ISO_8859_1);
  }

  private static void store(Mailbox mailbox, String id, String... to) throws IOException {
    assertTrue(mailbox.store(List.of(to), mail(id)));
  }

  private static MailFile found(Mailbox mailbox, String id) {
    MailFile mail = mailbox.find(id);
    assertNotNull(mail, id);
    return mail;
  }

  private static List<String> ids(Mailbox.Page page) {
    return page.mails().stream().map(MailFile::id).toList();
  }

  @Test
  void pagesBeginWithTheNewest() throws IOException {
    Mailbox mailbox = mailbox();
    for (int i = 0; i < 5; i++) {
      store(mailbox, "m" + i, "ann@example.org");
    }
    Mailbox.Page first = mailbox.page(Long.MAX_VALUE, 2, "");
    assertEquals(List.of("m4", "m3"), ids(first));
    assertTrue(first.more());
    store(mailbox, "m5", "ann@example.org"); // moves no page
    Mailbox.Page second = mailbox.page(first.next(), 2, "");
    assertEquals(List.of("m2", "m1"), ids(second));
    Mailbox.Page last = mailbox.page(second.next(), 2, "");
    assertEquals(List.of("m0"), ids(last));
    assertFalse(last.more());
  }

  @Test
  void whatAnEarlierProcessCaughtIsInOrderToo() throws IOException {
    Mailbox earlier = mailbox();
    for (int i = 0; i < 4; i++) {
      store(earlier, "m" + i, "ann@example.org");
      Files.setLastModifiedTime(
          directory.resolve("m" + i + ".eml"), FileTime.from(Instant.ofEpochSecond(1_000 - i)));
    }
    Files.writeString(directory.resolve("README"), "no mail");
    Mailbox mailbox = mailbox();
    store(mailbox, "new", "ann@example.org");
    assertEquals(List.of("new", "m0", "m1", "m2", "m3"), ids(mailbox.page(Long.MAX_VALUE, 9, "")));
    assertEquals(5, mailbox.size());
    assertEquals(Instant.ofEpochSecond(999), found(mailbox, "m1").received());
  }

  @Test
  void searchesByRecipientAsSentAndForOldOnesAsWritten() throws IOException {
    store(mailbox(), "old@example.org", "somebody@example.org");
    Mailbox mailbox = mailbox();
    store(mailbox, "a", "Ann@Example.ORG", "bcc@example.org");
    store(mailbox, "b", "bob@example.org");
    assertEquals(List.of("a"), ids(mailbox.page(Long.MAX_VALUE, 9, "ANN@")));
    assertEquals(List.of("a"), ids(mailbox.page(Long.MAX_VALUE, 9, "bcc@")));
    assertEquals(List.of(), ids(mailbox.page(Long.MAX_VALUE, 9, "header-a")));
    assertEquals(List.of("old@example.org"), ids(mailbox.page(Long.MAX_VALUE, 9, "header-old@")));
    assertEquals(
        List.of("b", "a", "old@example.org"), ids(mailbox.page(Long.MAX_VALUE, 9, "example.org")));
  }

  /** Or a page would take minutes with 100,000 of them. */
  @Test
  void aPageOpensNoFileAndASearchAFew() throws IOException {
    Mailbox earlier = mailbox();
    for (int i = 0; i < 200; i++) {
      store(earlier, "m" + i, "ann@example.org");
    }
    Mailbox mailbox = mailbox();
    for (int i = 0; i < 200; i++) {
      Files.delete(directory.resolve("m" + i + ".eml")); // who opens it, takes it out of the index
    }
    Mailbox.Page page = mailbox.page(Long.MAX_VALUE, 50, "");
    assertEquals(50, page.mails().size());
    assertTrue(page.more());
    assertEquals(200, mailbox.size());
    mailbox.page(Long.MAX_VALUE, 50, "nobody");
    assertEquals(0, mailbox.size());
  }

  @Test
  void countsCopiesByTheMessageId() throws IOException {
    Mailbox mailbox = mailbox();
    store(mailbox, "once", "ann@example.org");
    for (int i = 0; i < 3; i++) {
      store(mailbox, "thrice", "ann@example.org");
    }
    store(mailbox, "a/b", "ann@example.org");
    store(mailbox, "a?b", "ann@example.org"); // the same name, another Message-ID
    assertEquals(1, copies(mailbox, "once"));
    assertEquals(3, copies(mailbox, "thrice"));
    assertEquals(3, copies(mailbox, "thrice.2"));
    assertEquals(1, copies(mailbox, "a_b"));
    assertEquals(1, copies(mailbox, "a_b.2"));
    assertTrue(mailbox.delete(found(mailbox, "thrice")));
    assertEquals(2, copies(mailbox, "thrice.3"));
  }

  private static int copies(Mailbox mailbox, String id) {
    return mailbox.copies(mailbox.head(found(mailbox, id)));
  }

  @Test
  void onlyWhatIsInTheMailboxIsFound() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret.eml"), "secret");
    Path inner = Files.createDirectory(directory.resolve("mailbox"));
    Files.createDirectory(inner.resolve("directory.eml"));
    Files.createSymbolicLink(inner.resolve("link.eml"), secret);
    Mailbox mailbox = new Mailbox(inner, Duration.ZERO);
    store(mailbox, "../secret", "ann@example.org");
    for (String id :
        List.of("../secret", "..", "", "/secret", "directory", "link", ".", "x\0", "__secret")) {
      assertNull(mailbox.find(id), id);
    }
    assertNotNull(mailbox.find("_._secret"));
  }

  @Test
  void whatIsDeletedMeanwhileIsGoneAndNothingElse() throws IOException {
    Mailbox mailbox = mailbox();
    store(mailbox, "a", "ann@example.org");
    store(mailbox, "b", "ann@example.org");
    MailFile first = found(mailbox, "a");
    assertTrue(mailbox.delete(first));
    assertFalse(mailbox.delete(first), "it was done already");
    assertNull(mailbox.source(first));
    store(mailbox, "a", "ann@example.org"); // another one with this name
    assertFalse(mailbox.delete(first));
    assertNotNull(mailbox.find("a"));

    Files.delete(directory.resolve("b.eml")); // by somebody else
    assertEquals("", mailbox.head(found(mailbox, "b")).messageId());
    assertNull(mailbox.find("b"));
    assertEquals(1, mailbox.deleteAll());
    assertEquals(0, mailbox.size());
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void waitsForTheFirstThatCountsAndElseForTheNewest() throws Exception {
    Mailbox mailbox = mailbox();
    Instant begin = Instant.now();
    store(mailbox, "a", "ann@example.org");
    store(mailbox, "b", "bob@example.org");
    store(mailbox, "c", "Ann@example.org");
    store(mailbox, "d", "ann@example.org");
    assertEquals("d", came(mailbox, "ANN@example.org", Since.EVER), "the newest");
    assertEquals("a", came(mailbox, "ann@example.org", Since.from(begin)), "the first since then");
    assertEquals("c", came(mailbox, "ann@example.org", Since.after(found(mailbox, "a"))));
    assertEquals("d", came(mailbox, "ann@example.org", Since.after(found(mailbox, "c"))));
    for (Since none : List.of(Since.after(found(mailbox, "d")), Since.from(Instant.MAX))) {
      assertInstanceOf(MailWait.End.TimedOut.class, end(mailbox, "ann@example.org", none));
    }
    assertInstanceOf(MailWait.End.TimedOut.class, end(mailbox, "nn@example.org", Since.EVER));
  }

  private static MailWait.End end(Mailbox mailbox, String to, Since since) throws Exception {
    try (MailWait wait = mailbox.waitFor(to, since)) {
      assertNotNull(wait);
      return wait.await(Duration.ofMillis(20));
    }
  }

  private static String came(Mailbox mailbox, String to, Since since) throws Exception {
    try (MailWait wait = mailbox.waitFor(to, since)) {
      assertNotNull(wait);
      return assertInstanceOf(MailWait.End.Came.class, wait.await(GUARD)).mail().id();
    }
  }

  @Test
  void manyWaitEachForItsOwnAndTheCloseEndsTheRest() throws Exception {
    Mailbox mailbox = mailbox();
    List<MailWait> waits = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      waits.add(mailbox.waitFor("user" + i + "@example.org", Since.EVER));
    }
    assertNull(mailbox.waitFor("one@too.many", Since.EVER));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<MailWait.End>> ends = new ArrayList<>();
      waits.forEach(wait -> ends.add(threads.submit(() -> wait.await(GUARD))));
      for (int i = 0; i < 30; i++) {
        store(mailbox, "m" + i, "user" + i + "@example.org");
      }
      waits.get(30).clientLeft();
      for (int i = 0; i < 30; i++) {
        var came = assertInstanceOf(MailWait.End.Came.class, ends.get(i).get());
        assertEquals("m" + i, came.mail().id());
      }
      assertInstanceOf(MailWait.End.ClientLeft.class, ends.get(30).get());
      waits.get(0).close();
      waits.get(0).close(); // gives its place back once
      MailWait late = mailbox.waitFor("late@example.org", Since.EVER);
      assertNotNull(late);
      assertNull(mailbox.waitFor("one@too.many", Since.EVER));
      mailbox.closed();
      assertInstanceOf(MailWait.End.Stopping.class, ends.get(31).get());
      assertInstanceOf(MailWait.End.Stopping.class, late.await(GUARD));
    }
  }
}
