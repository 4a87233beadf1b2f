package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import lastcall.catcher.CaughtMail;
import lastcall.catcher.InlineImages;
import lastcall.catcher.MailFile;
import lastcall.catcher.MailHead;
import lastcall.catcher.Mailbox;
import lastcall.http.ProblemDetails;
import org.jspecify.annotations.Nullable;

/** The mailbox as data, for the pages and for JSON. */
final class MailboxView {
  private static final int PAGE = 50;

  /** Their values look like addresses, and are none. */
  private static final List<String> IDS =
      List.of("message-id", "references", "in-reply-to", "content-id");

  private final Mailbox mailbox;

  MailboxView(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  /**
   * @param before the number where the page before has ended
   * @param recipient part of an address; empty for all
   */
  Map<String, Object> list(long before, String recipient, UnaryOperator<String> mask) {
    Mailbox.Page page = mailbox.page(before, PAGE, recipient);
    List<Object> mails = new ArrayList<>();
    for (MailFile file : page.mails()) {
      Map<String, Object> summary = summary(file, mask);
      if (mailbox.find(file.id()) == file) { // or the file was gone when it was opened
        mails.add(summary);
      }
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("size", mailbox.size());
    tree.put("mails", mails);
    tree.put("next", page.more() ? page.next() : null);
    return tree;
  }

  Map<String, Object> summary(MailFile file, UnaryOperator<String> mask) {
    MailHead head = mailbox.head(file);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("id", file.id());
    tree.put("message_id", head.messageId());
    tree.put("received", Instant.ofEpochMilli(file.received().toEpochMilli()));
    tree.put("size", file.size());
    tree.put("from", mask.apply(head.from()));
    tree.put("to", mask.apply(head.to()));
    tree.put("subject", mask.apply(head.subject()));
    tree.put("copies", mailbox.copies(head));
    return tree;
  }

  /** One e-mail with all that is in it, but for the attachments' bytes. */
  Map<String, Object> whole(MailFile file, CaughtMail mail, UnaryOperator<String> mask) {
    Map<String, Object> tree = summary(file, mask);
    tree.put("broken", mail.broken());
    tree.put("text", masked(mail.text(), mask));
    tree.put("html", masked(mail.html(), mask));
    List<Object> headers = new ArrayList<>();
    for (CaughtMail.Field field : mail.headers()) {
      boolean id = IDS.contains(field.name().toLowerCase(Locale.ROOT));
      String value = id ? field.value() : mask.apply(field.value());
      headers.add(Map.of("name", field.name(), "value", value));
    }
    tree.put("headers", headers);
    List<Object> attachments = new ArrayList<>();
    for (CaughtMail.Attachment each : mail.attachments()) {
      Map<String, Object> attachment = new LinkedHashMap<>();
      attachment.put("number", each.number());
      attachment.put("name", mask.apply(each.name()));
      attachment.put("type", each.type());
      attachment.put("size", each.bytes().length);
      attachments.add(attachment);
    }
    tree.put("attachments", attachments);
    return tree;
  }

  private static @Nullable String masked(@Nullable String text, UnaryOperator<String> mask) {
    return text == null ? null : mask.apply(text);
  }

  /** The HTML with its images, which needs nothing from anywhere. */
  static String html(CaughtMail mail, UnaryOperator<String> mask) {
    String html = mail.html();
    return html == null ? "" : mask.apply(InlineImages.fill(html, mail.attachments()));
  }

  static String query(ServerRequest request, String name) {
    return request.query().first(name).orElse("").strip();
  }

  /** Where a list goes on; the newest is the first without it. */
  static long before(ServerRequest request) {
    String before = query(request, "before");
    return before.matches("-?\\d{1,18}") ? Long.parseLong(before) : Long.MAX_VALUE;
  }

  static void gone(ServerRequest request, ServerResponse response) {
    new ProblemDetails(
            Status.NOT_FOUND_404,
            "no-such-mail",
            "the mailbox has no e-mail with this id, or no longer")
        .send(request, response);
  }
}
