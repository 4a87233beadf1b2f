package lastcall.catcher;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the index knows of one e-mail without opening its file. */
public final class MailFile {
  private final long number;
  private final String id;
  private final Instant received;
  private final long size;
  private volatile @Nullable List<String> recipients;

  /**
   * @param number orders the e-mails: a later one has a higher number
   * @param id the file's name without {@code .eml}
   * @param recipients in lower case; null if the file has to be opened for them
   */
  MailFile(long number, String id, Instant received, long size, @Nullable List<String> recipients) {
    this.number = number;
    this.id = id;
    this.received = received;
    this.size = size;
    this.recipients = recipients;
  }

  public long number() {
    return number;
  }

  public String id() {
    return id;
  }

  public Instant received() {
    return received;
  }

  public long size() {
    return size;
  }

  @Nullable List<String> recipients() {
    return recipients;
  }

  void recipients(List<String> found) {
    recipients = found;
  }
}
