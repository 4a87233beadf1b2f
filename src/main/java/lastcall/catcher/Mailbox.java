package lastcall.catcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import lastcall.config.PrivateFiles;
import lastcall.log.EventLog;

/**
 * A directory with one file for each mail, complete or not there at all, so that {@code ls | wc -l}
 * counts mails. Without fsync: the files are to outlive the process, SIGKILL included, for which
 * the page cache is enough, and not a power cut.
 */
final class Mailbox implements Acceptance {
  private static final EventLog LOG = EventLog.of(Mailbox.class);
  static final int MAX_MAILS = 100_000;
  private static final String UNFINISHED = ".unfinished-"; // hidden from ls
  private static final String NAMELESS = "without-message-id";
  private static final int MAX_NAME = 200;

  private final Path directory;
  private final int max;
  private final Duration delay;
  private final ReentrantLock naming = new ReentrantLock();
  private int mails; // guarded by naming

  Mailbox(Path directory, int max, Duration delay) throws IOException {
    this.directory = PrivateFiles.directory(directory);
    PrivateFiles.closeToOthers(directory); // it is ours, and so are all files in it
    this.max = max;
    this.delay = delay;
    List<Path> present;
    try (Stream<Path> files = Files.list(directory)) {
      present = files.toList();
    }
    for (Path file : present) {
      if (file.getFileName().toString().startsWith(UNFINISHED)) {
        Files.deleteIfExists(file); // of a process that was killed
      } else {
        mails++;
      }
    }
  }

  @Override
  public String accept(List<String> recipients, byte[] mail) throws InterruptedException {
    Thread.sleep(delay); // before the e-mail is stored: a kill in between is before the 250
    try {
      return store(mail) ? "250 2.0.0 stored" : "452 4.3.1 the mailbox is full";
    } catch (IOException e) {
      LOG.warn(e, "mail catcher could not store a mail");
      return "452 4.3.1 could not be stored";
    }
  }

  /**
   * Writes the mail to {@code <Message-ID>.eml}, or with {@code .2}, {@code .3} before the suffix
   * if that exists: a duplicate is to be seen.
   *
   * @return false if the mailbox is full
   */
  boolean store(byte[] mail) throws IOException {
    Path unfinished = directory.resolve(UNFINISHED + UUID.randomUUID());
    try {
      Files.write(PrivateFiles.file(unfinished), mail);
      return publish(unfinished, fileName(mail));
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private boolean publish(Path unfinished, String name) throws IOException {
    naming.lock(); // a rename would replace a file that came in between
    try {
      if (mails >= max) {
        return false;
      }
      Path file = directory.resolve(name + ".eml");
      for (int copy = 2; Files.exists(file); copy++) {
        file = directory.resolve(name + "." + copy + ".eml");
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      mails++;
      return true;
    } finally {
      naming.unlock();
    }
  }

  /** The Message-ID reduced to what is harmless as a file name: no separators, no leading dot. */
  private static String fileName(byte[] mail) {
    String text = new String(mail, StandardCharsets.ISO_8859_1);
    for (String line : (Iterable<String>) text.lines().takeWhile(l -> !l.isEmpty())::iterator) {
      if (line.regionMatches(true, 0, "Message-ID:", 0, 11)) {
        String id = line.substring(11).strip().replaceAll("^<|>$", "");
        String safe = id.replaceAll("[^A-Za-z0-9@._+=-]", "_").replaceFirst("^\\.", "_");
        return safe.isEmpty() ? NAMELESS : safe.substring(0, Math.min(safe.length(), MAX_NAME));
      }
    }
    return NAMELESS;
  }
}
