package lastcall.catcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/** Keeps the mails that come as files, before their 250, and finds them again. */
public final class Mailbox implements Acceptance {
  private static final EventLog LOG = EventLog.of(Mailbox.class);
  private static final int MAX_MAILS = 100_000;

  /** How many may wait for an e-mail at a time. */
  public static final int MAX_WAITS = 32;

  /** SMTP takes 1 MiB. What others have put here may be larger, and is not read to its end. */
  private static final int MAX_READ = 2 << 20;

  private static final int MAX_COPIES = 9; // that are counted

  /** So many files are opened for one search. A page says how to go on from there. */
  private static final int MAX_OPENED = 10_000;

  private static final String NAMELESS = "without-message-id";
  private static final int MAX_NAME = 200;

  private final MailFiles files;
  private final MailIndex index;
  private final Duration delay;
  private final Set<MailWait> waits = ConcurrentHashMap.newKeySet();
  private final Semaphore places = new Semaphore(MAX_WAITS);
  private volatile boolean closed;

  /**
   * @param directory made if need be
   * @param delay how long a mail's 250 is held back, to play a slow server
   */
  public Mailbox(Path directory, Duration delay) throws IOException {
    this(directory, MAX_MAILS, delay);
  }

  Mailbox(Path directory, int max, Duration delay) throws IOException {
    this.files = new MailFiles(directory, max);
    this.index = files.index();
    this.delay = delay;
  }

  @Override
  public Answer accept(List<String> recipients, byte[] mail) throws InterruptedException {
    Thread.sleep(delay); // before the e-mail is stored: a kill in between is before the 250
    try {
      return Answer.line(
          store(recipients, mail) ? "250 2.0.0 stored" : "452 4.3.1 the mailbox is full");
    } catch (IOException e) {
      LOG.warn(e, "mail catcher could not store a mail");
      return Answer.line("452 4.3.1 could not be stored");
    }
  }

  /** Returns false if the mailbox is full. */
  boolean store(List<String> recipients, byte[] mail) throws IOException {
    List<String> to = recipients.stream().map(r -> r.toLowerCase(Locale.ROOT)).toList();
    MailFile stored = files.store(nameOf(mail), to, mail);
    if (stored != null) {
      waits.forEach(wait -> wait.tell(stored, to));
    }
    return stored != null;
  }

  private static String nameOf(byte[] mail) {
    String text = new String(mail, StandardCharsets.ISO_8859_1);
    for (String line : (Iterable<String>) text.lines().takeWhile(l -> !l.isEmpty())::iterator) {
      if (line.regionMatches(true, 0, "Message-ID:", 0, 11)) {
        return nameOf(MailHead.messageId(line.substring(11)));
      }
    }
    return NAMELESS;
  }

  /** The Message-ID reduced to what is harmless as a file name: no separators, no leading dot. */
  private static String nameOf(String messageId) {
    String safe = messageId.replaceAll("[^A-Za-z0-9@._+=-]", "_").replaceFirst("^\\.", "_");
    return safe.isEmpty() ? NAMELESS : safe.substring(0, Math.min(safe.length(), MAX_NAME));
  }

  /** The e-mail with that id, or null. No id leads out of the mailbox: only known ones do. */
  public @Nullable MailFile find(String id) {
    return index.get(id);
  }

  public int size() {
    return index.size();
  }

  /** How many files have the Message-ID of this e-mail, itself included; 9 may be more. */
  public int copies(MailHead head) {
    String name = nameOf(head.messageId());
    int count = 0;
    for (int copy = 1; copy <= MAX_COPIES && !head.messageId().isEmpty(); copy++) {
      MailFile other = index.get(MailFiles.copy(name, copy));
      // Another Message-ID may have led to the same name.
      count += other != null && head(other).messageId().equals(head.messageId()) ? 1 : 0;
    }
    return count;
  }

  /** What a list shows of it; empty if it was deleted meanwhile. */
  public MailHead head(MailFile mail) {
    byte[] begin = files.read(mail, MailHead.BYTES);
    return MailHead.of(begin == null ? new byte[0] : begin);
  }

  /** The whole e-mail as it was received; null if it was deleted meanwhile. */
  public byte @Nullable [] source(MailFile mail) {
    return files.read(mail, MAX_READ);
  }

  /** Whom it went to, in lower case. For an e-mail from before the start, whom its headers name. */
  List<String> recipients(MailFile mail) {
    List<String> known = mail.recipients();
    if (known != null) {
      return known;
    }
    byte[] begin = files.read(mail, MailHead.BYTES);
    List<String> found = begin == null ? List.of() : MailHead.recipients(begin);
    mail.recipients(found);
    return found;
  }

  /** Deletes one e-mail; false if that was done already. */
  public boolean delete(MailFile mail) throws IOException {
    return files.delete(mail);
  }

  /** Deletes what is there now, and not what comes meanwhile; how many. */
  public int deleteAll() throws IOException {
    int deleted = 0;
    for (MailFile mail : index.before(index.lastNumber() + 1)) { // what comes has higher ones
      deleted += delete(mail) ? 1 : 0;
    }
    return deleted;
  }

  /**
   * Part of a list, the newest first.
   *
   * @param more whether there are older ones, which {@code page(next, …)} finds
   */
  public record Page(List<MailFile> mails, boolean more, long next) {}

  /**
   * Those with a lower number.
   *
   * @param recipient part of an address; empty for all
   */
  public Page page(long before, int most, String recipient) {
    files.look();
    String part = recipient.toLowerCase(Locale.ROOT);
    List<MailFile> found = new ArrayList<>();
    int opened = 0;
    long next = before;
    for (MailFile mail : index.before(before)) {
      if (found.size() == most || opened == MAX_OPENED) {
        return new Page(found, true, next);
      }
      next = mail.number();
      opened += part.isEmpty() || mail.recipients() != null ? 0 : 1;
      if (part.isEmpty() || recipients(mail).stream().anyMatch(to -> to.contains(part))) {
        found.add(mail);
      }
    }
    return new Page(found, false, next);
  }

  /** All, the newest first. */
  Iterable<MailFile> all() {
    return index.before(Long.MAX_VALUE);
  }

  /** Begins a wait; null if too many wait already. */
  public @Nullable MailWait waitFor(String to, MailWait.Since since) {
    if (!places.tryAcquire()) {
      return null;
    }
    MailWait wait = new MailWait(this, to, since);
    waits.add(wait);
    if (closed) { // closed() has set it before it ended those that it saw
      wait.stop();
    }
    return wait;
  }

  /** How many wait. */
  public int waiting() {
    return waits.size();
  }

  void end(MailWait wait) {
    if (waits.remove(wait)) {
      places.release();
    }
  }

  @Override
  public void closed() {
    closed = true;
    waits.forEach(MailWait::stop);
  }
}
