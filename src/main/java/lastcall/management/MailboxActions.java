package lastcall.management;

import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import lastcall.catcher.EmbeddedMail;
import lastcall.catcher.MailFile;
import lastcall.catcher.Trouble;
import lastcall.log.EventLog;

/** What an operator can change about the embedded mail server; each change is logged. */
final class MailboxActions {
  private static final EventLog LOG = EventLog.of(MailboxActions.class);

  private final Access access;
  private final EmbeddedMail mail;

  MailboxActions(Access access, EmbeddedMail mail) {
    this.access = access;
    this.mail = mail;
  }

  /** Returns false if it is gone already. */
  boolean delete(MailFile file, ServerRequest request) throws IOException {
    boolean deleted = mail.mailbox().delete(file);
    if (deleted) {
      LOG.info("e-mail deleted from the mailbox id=%s who=%s", file.id(), access.who(request));
    }
    return deleted;
  }

  /** Returns how many. */
  int deleteAll(ServerRequest request) throws IOException {
    int deleted = mail.mailbox().deleteAll();
    LOG.info("e-mails deleted from the mailbox count=%s who=%s", deleted, access.who(request));
    return deleted;
  }

  void set(Trouble trouble, ServerRequest request) {
    mail.trouble().set(trouble);
    LOG.warn(
        "embedded mail: trouble was asked for trouble=%s who=%s",
        trouble.equals(Trouble.NONE) ? "none" : TroubleFields.text(trouble), access.who(request));
  }
}
