package lastcall.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;

/** What a service holds, seen from outside. */
final class ServiceWatch {
  private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

  /** Between two readings. Classes, compiled code's constants and histograms come in the first. */
  private static final long MAY_GROW = 8_000;

  private static final Duration GUARD = Duration.ofMinutes(3);

  /**
   * @param heap in KiB, after a collection
   */
  record Reading(long heap, int threads, int descriptors) {}

  private final ServiceProcess service;
  private final Path proc;

  ServiceWatch(ServiceProcess service) {
    this.service = service;
    this.proc = Path.of("/proc/" + service.pid());
  }

  /** Call it when no client is there. */
  Reading read() throws Exception {
    service.jcmd("GC.run");
    service.jcmd("GC.run"); // what the first has found unreachable and had still to be cleaned
    String heap = service.jcmd("GC.heap_info");
    long used =
        USED.matcher(heap).results().mapToLong(found -> Long.parseLong(found.group(1))).sum();
    assertTrue(used > 0, heap);
    Reading reading = new Reading(used, count("task"), count("fd"));
    System.out.println(reading);
    return reading;
  }

  private int count(String what) throws IOException {
    try (Stream<Path> files = Files.list(proc.resolve(what))) {
      return (int) files.count();
    }
  }

  /** No connection is open at this port, once the limits are over. */
  void awaitNoConnections(int port) {
    await("no connection to " + port, () -> connections(port) == 0);
  }

  /** A guard only: far more than it takes on a machine that does much else. */
  static void await(String what, BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - began < GUARD.toNanos(), () -> "stuck: " + what);
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** Of the server's side: established, or closed by the client only. */
  private long connections(int port) {
    String local = String.format(Locale.ROOT, ":%04X", port);
    long open = 0;
    for (String file : List.of("net/tcp", "net/tcp6")) {
      try (Stream<String> lines = Files.lines(proc.resolve(file))) {
        open +=
            lines
                .map(line -> line.strip().split(" +"))
                .filter(line -> line[1].endsWith(local))
                .filter(line -> line[3].equals("01") || line[3].equals("08"))
                .count();
      } catch (IOException e) {
        throw new AssertionError("the service is gone", e);
      }
    }
    return open;
  }

  /**
   * @param kept file descriptors and threads that may come and go, such as connections that are
   *     kept to the mail server
   */
  void assertNotGrown(Reading before, Reading after, int kept) {
    String both = before + " " + after;
    assertTrue(after.heap() - before.heap() < MAY_GROW, both);
    assertTrue(after.threads() - before.threads() <= kept, both);
    assertTrue(after.descriptors() - before.descriptors() <= kept, both);
  }

  void assertLogIsCalm() {
    List<String> alarms =
        service.log().stream()
            .map(LogLine::text)
            .filter(line -> line.contains("level=ERROR") || line.contains(" trace="))
            .limit(5)
            .toList();
    assertEquals(List.of(), alarms);
    assertEquals("", service.stderr());
  }
}
