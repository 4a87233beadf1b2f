package lastcall.mail;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.util.Date;
import java.util.regex.Pattern;

/** The welcome e-mail. What the user has given is in To and, escaped, in the two bodies only. */
final class WelcomeMessage extends MimeMessage {
  private static final String SUBJECT = "Welcome!";
  private static final Pattern ID = Pattern.compile("[!-;=?-~]{1,200}"); // visible ASCII, no < >
  private final String messageId;

  /**
   * @throws IllegalArgumentException if an address or the id can't be put into a header or a
   *     command as it stands
   */
  WelcomeMessage(Session session, String from, WelcomeMail mail, WelcomeTemplate template) {
    super(session);
    if (!ID.matcher(mail.messageId()).matches()) {
      throw new IllegalArgumentException("not a Message-ID");
    }
    messageId = mail.messageId();
    try {
      setFrom(MailAddress.strict(from));
      setRecipient(Message.RecipientType.TO, MailAddress.strict(mail.to()));
      setSubject(SUBJECT);
      setSentDate(new Date());
      setHeader("Auto-Submitted", "auto-generated"); // no vacation notes in return (RFC 3834)
      setContent(
          new MimeMultipart(
              "alternative",
              part(template.textFor(mail.name()), "plain"),
              part(template.htmlFor(mail.name()), "html")));
      saveChanges();
    } catch (MessagingException e) {
      throw new IllegalStateException("could not write the e-mail", e);
    }
  }

  private static MimeBodyPart part(String content, String subtype) throws MessagingException {
    MimeBodyPart part = new MimeBodyPart();
    part.setText(content, "UTF-8", subtype);
    return part;
  }

  /** Called by saveChanges, which would make up a new one for each try. */
  @Override
  protected void updateMessageID() throws MessagingException {
    setHeader("Message-ID", "<" + messageId + ">");
  }
}
