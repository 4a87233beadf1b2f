package lastcall.catcher;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The e-mails of the mailbox in the order in which they came: some 300 bytes each, and no file is
 * opened for it. Those who look at it hold nothing up.
 */
final class MailIndex {
  static final String SUFFIX = ".eml";

  private final ConcurrentSkipListMap<Long, MailFile> byNumber = new ConcurrentSkipListMap<>();
  private final ConcurrentHashMap<String, MailFile> byId = new ConcurrentHashMap<>();
  private final AtomicLong last = new AtomicLong();

  /** Adds an e-mail as the newest. A look at the directory may have found its file before. */
  MailFile add(String id, Instant received, long size, @Nullable List<String> recipients) {
    MailFile mail = new MailFile(last.incrementAndGet(), id, received, size, recipients);
    MailFile found = byId.putIfAbsent(id, mail);
    if (found != null) {
      if (recipients != null) {
        found.recipients(recipients);
      }
      return found;
    }
    byNumber.put(mail.number(), mail);
    return mail;
  }

  void remove(MailFile mail) {
    if (byId.remove(mail.id(), mail)) {
      byNumber.remove(mail.number());
    }
  }

  @Nullable MailFile get(String id) {
    return byId.get(id);
  }

  int size() {
    return byId.size();
  }

  long lastNumber() {
    return last.get();
  }

  /** Those with a lower number, the newest first. */
  Iterable<MailFile> before(long number) {
    ConcurrentNavigableMap<Long, MailFile> older = byNumber.headMap(number, false);
    return older.descendingMap().values();
  }

  private record Found(String id, Instant modified, long size) {}

  /**
   * Adds what is in the directory and not yet known, the oldest first, and forgets what is gone.
   *
   * @return what else is there
   */
  List<Path> read(Path directory) throws IOException {
    long known = lastNumber();
    List<Found> fresh = new ArrayList<>();
    Set<String> present = new HashSet<>();
    List<Path> others = new ArrayList<>();
    Files.walkFileTree(
        directory,
        Set.of(),
        1,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            if (name.endsWith(SUFFIX) && !name.startsWith(".") && attributes.isRegularFile()) {
              String id = name.substring(0, name.length() - SUFFIX.length());
              present.add(id);
              if (!byId.containsKey(id)) {
                fresh.add(
                    new Found(id, attributes.lastModifiedTime().toInstant(), attributes.size()));
              }
            } else {
              others.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // deleted meanwhile
          }
        });
    fresh.sort(Comparator.comparing(Found::modified).thenComparing(Found::id));
    for (Found found : fresh) {
      add(found.id(), found.modified(), found.size(), null);
    }
    byNumber.headMap(known, true).values().stream()
        .filter(mail -> !present.contains(mail.id()))
        .toList()
        .forEach(this::remove);
    return others;
  }
}
