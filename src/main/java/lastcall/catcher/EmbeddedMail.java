package lastcall.catcher;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/** The service's embedded mail server: a mailbox, behind trouble if that was asked for. */
public final class EmbeddedMail implements AutoCloseable {
  private final Mailbox mailbox;
  private final TroubleMaker trouble;
  private final MailCatcher server;

  /**
   * @param directory for the mails, made if need be
   * @param port 0 for a free one
   * @param delay how long a mail's 250 is held back, to play a slow server
   */
  public EmbeddedMail(Path directory, int port, Duration delay) throws IOException {
    mailbox = new Mailbox(directory, delay);
    trouble = new TroubleMaker(mailbox, new Random());
    server = new MailCatcher(trouble, port);
  }

  public int port() {
    return server.port();
  }

  public Mailbox mailbox() {
    return mailbox;
  }

  public TroubleMaker trouble() {
    return trouble;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
