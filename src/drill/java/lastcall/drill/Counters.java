package lastcall.drill;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the service and its database count themselves: read twice, the difference is measured. */
final class Counters {
  private interface Source {
    double read() throws Exception;
  }

  private record Counter(String key, String how, Source source) {}

  /**
   * @param value NaN if it can't be read
   * @param signups answered until then
   */
  private record Value(double value, int signups, String failure) {}

  /** The values of all counters, which were read one after the other. */
  record Reading(long begun, List<Value> values, long ended) {}

  private static final String SERVER = ", of the whole server";
  private static final Pattern ALLOCATED = Pattern.compile(" allocated=(\\d+)([BKMG]) ");

  private final List<Counter> counters = new ArrayList<>();

  Counters(ServiceProcess service, Path directory, Rows rows, boolean postgres) {
    Path proc = Path.of("/proc/" + service.pid());
    ProcessHandle process = ProcessHandle.of(service.pid()).orElseThrow();
    ProcessHandle bench = ProcessHandle.current();
    // The slowest first: while jcmd runs, the service has less of the processors.
    add("allocated_kib", "sum over all threads, by jcmd Thread.print -e", () -> allocated(service));
    if (postgres) {
      String lsn = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn";
      add("fsyncs", "of the WAL, pg_stat_wal or pg_stat_io" + SERVER, () -> syncs(rows));
      add("wal_bytes", "pg_current_wal_insert_lsn" + SERVER, () -> number(rows, lsn));
      add("database_cpu_ms", "postmaster and children" + SERVER, postgresCpu(rows));
    } else {
      Path index = directory.resolve("lastcall.db-shm");
      String commits = "transactions in SQLite's wal-index, each one fsync; without checkpoints";
      add("fsyncs", commits, () -> transactions(index));
      String written = "written by the process, WAL and checkpoints, in pages: /proc/PID/io";
      add("wal_bytes", written, () -> field(proc.resolve("io"), "write_bytes"));
      add("database_cpu_ms", "", absent("SQLite runs in the service"));
    }
    add("service_cpu_ms", "user and system time, e-mails included", () -> cpu(Stream.of(process)));
    add(
        "bench_cpu_ms",
        "of load and mail server, on the same machine",
        () -> cpu(Stream.of(bench)));
  }

  private void add(String key, String how, Source source) {
    counters.add(new Counter(key + "_per_signup", how, source));
  }

  Reading read(IntSupplier signups) {
    long begun = System.nanoTime();
    List<Value> values = new ArrayList<>();
    for (Counter counter : counters) {
      double value = Double.NaN;
      String failure = "";
      try {
        value = counter.source().read();
      } catch (Exception e) {
        failure = Objects.requireNonNullElse(e.getMessage(), e.toString());
      }
      values.add(new Value(value, signups.getAsInt(), failure));
    }
    return new Reading(begun, values, System.nanoTime());
  }

  /** What one sign-up has cost between the readings. */
  List<Figure> perSignup(Reading before, Reading after) {
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < counters.size(); i++) {
      Counter counter = counters.get(i);
      Value first = before.values().get(i);
      Value last = after.values().get(i);
      double each = (last.value() - first.value()) / (last.signups() - first.signups());
      boolean known = Double.isFinite(each);
      String why = first.failure().isEmpty() ? last.failure() : first.failure();
      figures.add(new Figure(counter.key(), known ? each : null, known ? counter.how() : why));
    }
    return figures;
  }

  static Figure peakMemory(ServiceProcess service) {
    String key = "peak_memory_mib";
    try {
      double kib = field(Path.of("/proc/" + service.pid() + "/status"), "VmHWM");
      return new Figure(key, kib / 1024, "of the service, VmHWM of /proc/PID/status");
    } catch (IOException e) {
      return new Figure(key, null, e.toString());
    }
  }

  /** Of {@code name: value} lines. */
  private static double field(Path file, String name) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(name + ":")) {
        return Double.parseDouble(line.replaceAll("\\D+", " ").strip());
      }
    }
    throw new IOException(file + " has no " + name);
  }

  private static Source absent(String why) {
    return () -> {
      throw new IOException(why);
    };
  }

  private static double cpu(Stream<ProcessHandle> processes) {
    return processes
        .flatMap(process -> process.info().totalCpuDuration().stream())
        .mapToDouble(Duration::toMillis)
        .sum();
  }

  /** By its process, if the one that serves this connection runs on this machine. */
  private static Source postgresCpu(Rows rows) {
    String mine = "SELECT pg_backend_pid(), inet_client_port()";
    try (Connection connection = rows.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(mine)) {
      row.next();
      ProcessHandle backend = ProcessHandle.of(row.getInt(1)).orElseThrow();
      ProcessHandle server = backend.parent().orElseThrow();
      // Its title names our port, so a process of the same number elsewhere is not taken for it.
      String title = Files.readString(Path.of("/proc/" + row.getInt(1) + "/cmdline"));
      if (title.contains("(" + row.getInt(2) + ")")) {
        return () -> cpu(Stream.concat(Stream.of(server), server.descendants()));
      }
    } catch (Exception e) {
      // It can't be seen, as below.
    }
    return absent("the processes of the PostgreSQL server can't be seen from here");
  }

  /** In KiB. Virtual threads allocate through their carriers. */
  private static double allocated(ServiceProcess service) throws Exception {
    if (Runtime.version().feature() < 24) {
      throw new IOException("before JDK 24 each send has a thread, whose count ends with it");
    }
    double sum =
        ALLOCATED
            .matcher(service.jcmd("Thread.print", "-e"))
            .results()
            .mapToDouble(
                r -> Long.parseLong(r.group(1)) * Math.pow(1024, "BKMG".indexOf(r.group(2)) - 1))
            .sum();
    return sum == 0 ? absent("jcmd Thread.print -e names no allocated=").read() : sum;
  }

  private static double number(Rows rows, String select) throws Exception {
    return Double.parseDouble(rows.select(select).iterator().next());
  }

  /** PostgreSQL 18 counts them at another place than 14 to 17. */
  private static double syncs(Rows rows) throws Exception {
    boolean old = rows.count("pg_attribute WHERE attname = 'wal_sync'") > 0;
    String since18 = "SELECT SUM(fsyncs) FROM pg_stat_io WHERE object = 'wal'";
    return number(rows, old ? "SELECT wal_sync FROM pg_stat_wal" : since18);
  }

  /** The field iChange of SQLite's wal-index: https://sqlite.org/walformat.html. */
  private static double transactions(Path index) throws IOException {
    try (FileChannel file = FileChannel.open(index)) {
      ByteBuffer header = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder());
      file.read(header, 0);
      return Integer.toUnsignedLong(header.getInt(8));
    }
  }
}
