package lastcall.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import lastcall.log.EventLog;

/**
 * How many connections the API holds at a time; more wait in the backlog. The limit keeps the heap
 * from running out. It also keeps file descriptors free: without one, no connection can be
 * accepted, no e-mail be sent and no file be opened.
 */
public final class Connections {
  private static final EventLog LOG = EventLog.of(Connections.class);
  private static final int MOST = 4096;

  /** Measured with 15 of 16 KiB of a body read: 64 KB. A quarter of the heap is for this. */
  private static final long HEAP_EACH = 64 * 1024;

  /** File descriptors for management (128 connections), the database, and files opened briefly. */
  private static final int OTHERS = 160;

  private Connections() {}

  /**
   * @param sends file descriptors that are kept for sends
   */
  public static int most(int sends) {
    long byHeap = Runtime.getRuntime().maxMemory() / 4 / HEAP_EACH;
    int most = (int) Math.min(MOST, byHeap);
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return most(most, limit(Files.readString(Path.of("/proc/self/limits"))), open.count(), sends);
    } catch (IOException e) {
      return most; // not Linux
    }
  }

  static int most(int most, long limit, long open, int sends) {
    long left = limit - open;
    long connections = Math.max(left - sends - OTHERS, left / 4);
    if (connections >= most) {
      return most;
    }
    LOG.warn(
        "few file descriptors, so fewer connections are accepted at a time limit=%s connections=%s",
        limit, connections);
    return (int) Math.max(1, connections);
  }

  /** The first number of the line {@code Max open files 1024 524288 files}: the soft limit. */
  static long limit(String limits) {
    String line = limits.lines().filter(l -> l.startsWith("Max open files")).findFirst().orElse("");
    String soft = line.isEmpty() ? "unlimited" : line.split(" +", -1)[3];
    return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
  }
}
