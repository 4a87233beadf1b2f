package lastcall.catcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import lastcall.config.PrivateFiles;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * A directory with one file for each mail, complete or not there at all, so that {@code ls | wc -l}
 * counts mails. Without fsync: the files are to outlive the process, SIGKILL included, for which
 * the page cache is enough, and not a power cut.
 */
final class MailFiles {
  private static final EventLog LOG = EventLog.of(MailFiles.class);
  private static final String UNFINISHED = ".unfinished-"; // hidden from ls

  /** A look takes 0.3 s with 100,000 files, so it is not done for each page. */
  private static final long LOOK = Duration.ofSeconds(10).toNanos();

  private final Path directory;
  private final int max;
  private final MailIndex index = new MailIndex();
  private final ReentrantLock naming = new ReentrantLock();
  private final ReentrantLock looking = new ReentrantLock();
  private long looked = System.nanoTime(); // guarded by looking

  MailFiles(Path directory, int max) throws IOException {
    this.directory = PrivateFiles.directory(directory);
    PrivateFiles.closeToOthers(directory); // it is ours, and so are all files in it
    this.max = max;
    for (Path other : index.read(directory)) {
      if (other.getFileName().toString().startsWith(UNFINISHED)) {
        Files.deleteIfExists(other); // of a process that was killed
      }
    }
  }

  MailIndex index() {
    return index;
  }

  /**
   * Writes the mail to {@code NAME.eml}, or with {@code .2}, {@code .3} before the suffix if that
   * exists: a duplicate is to be seen.
   *
   * @param to in lower case
   * @return null if the mailbox is full
   */
  @Nullable MailFile store(String name, List<String> to, byte[] mail) throws IOException {
    if (index.size() >= max) {
      look(); // somebody may have deleted files
    }
    Path unfinished = directory.resolve(UNFINISHED + UUID.randomUUID());
    try {
      Files.write(PrivateFiles.file(unfinished), mail);
      return publish(unfinished, name, to, mail.length);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private @Nullable MailFile publish(Path unfinished, String name, List<String> to, int size)
      throws IOException {
    naming.lock(); // a rename would replace a file that came in between
    try {
      if (index.size() >= max) {
        return null;
      }
      String id = name;
      for (int copy = 2; Files.exists(file(id)); copy++) {
        id = copy(name, copy);
      }
      Files.move(unfinished, file(id), StandardCopyOption.ATOMIC_MOVE);
      return index.add(id, Instant.now(), size, to);
    } finally {
      naming.unlock();
    }
  }

  /** The id of the n-th e-mail of that name. */
  static String copy(String name, int n) {
    return n == 1 ? name : name + "." + n;
  }

  private Path file(String id) {
    return directory.resolve(id + MailIndex.SUFFIX);
  }

  /** The first bytes of an e-mail; null if it was deleted meanwhile. */
  byte @Nullable [] read(MailFile mail, int most) {
    try (InputStream in = Files.newInputStream(file(mail.id()))) {
      return in.readNBytes(most);
    } catch (NoSuchFileException e) {
      index.remove(mail); // somebody else has deleted it
      return null;
    } catch (IOException e) {
      LOG.warn(e, "an e-mail in the mailbox can't be read id=%s", mail.id());
      return null;
    }
  }

  /** Returns false if it was deleted before. */
  boolean delete(MailFile mail) throws IOException {
    naming.lock(); // the next e-mail with this name must not be taken for this one
    try {
      boolean there = index.get(mail.id()) == mail && Files.deleteIfExists(file(mail.id()));
      index.remove(mail);
      return there;
    } finally {
      naming.unlock();
    }
  }

  /** Takes notice of files that others have put here or deleted, if that was not done just now. */
  void look() {
    if (looking.tryLock()) {
      try {
        if (System.nanoTime() - looked > LOOK) {
          index.read(directory);
          looked = System.nanoTime();
        }
      } catch (IOException e) {
        LOG.warn(e, "the mailbox can't be read");
      } finally {
        looking.unlock();
      }
    }
  }
}
