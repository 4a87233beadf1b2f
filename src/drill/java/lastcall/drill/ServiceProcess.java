package lastcall.drill;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lastcall.shutdown.Deadline;

/**
 * The service as a user runs it: a process of its own that gets signals and writes a log. {@link
 * #close} kills it if it is still alive.
 */
public final class ServiceProcess implements AutoCloseable {
  /** Nothing here takes so long. Who has waited this long throws what {@link #stuck} returns. */
  public static final Duration GUARD = Duration.ofSeconds(30);

  /** The cheapest hash, or the hash would be all that is measured. */
  public static final List<String> CHEAP_HASH =
      List.of("password.memory=8KiB", "password.iterations=1", "password.allow-weak=true");

  /** The user's own settings of a service, which the drill does not take over. */
  private static final Pattern OURS =
      Pattern.compile(
          "(SERVER|MANAGEMENT|DATABASE|SMTP|DELIVERY|RETENTION|SHUTDOWN|PASSWORD|LIMITS)_.*|LASTCALL_ENV");

  private static final int LINES = 100; // of the log, in an error

  private final Process process;
  private final Path directory;
  private final List<Thread> readers = new ArrayList<>();
  // Unparsed: a reader thread that parsed each line would slow the service down.
  private final List<String> lines = new ArrayList<>(); // guarded by itself
  private final List<String> errors = new ArrayList<>(); // guarded by itself
  private volatile boolean unread;

  private ServiceProcess(Path directory, List<String> command, Map<String, String> environment)
      throws IOException {
    this.directory = directory;
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(key -> OURS.matcher(key).matches());
    builder.environment().putAll(environment);
    this.process = builder.start();
    read(process.inputReader(), lines);
    read(process.errorReader(), errors);
  }

  /**
   * Starts it, with the cheap hash and free ports on loopback, and waits for nothing.
   *
   * @param directory of the database; a second process may be started on it
   * @param settings such as {@code smtp.port=2525}
   */
  public static ServiceProcess launch(Path directory, String... settings) throws IOException {
    return launchBy(List.of(), directory, settings);
  }

  /** As above, by a command that ends with the service's, such as a shell's with a lower ulimit. */
  public static ServiceProcess launchBy(List<String> by, Path directory, String... settings)
      throws IOException {
    List<String> all = Stream.concat(CHEAP_HASH.stream(), Stream.of(settings)).toList();
    return launch(by, List.of("lastcall.Main"), directory, all);
  }

  /**
   * Starts a main class that takes the service's command line behind its own arguments; of two
   * equal keys the last wins.
   */
  static ServiceProcess launch(
      List<String> by, List<String> program, Path directory, List<String> settings)
      throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("database.url", "jdbc:sqlite:" + directory.resolve("lastcall.db"));
    all.putAll(Map.of("server.host", "127.0.0.1", "server.port", "0", "management.port", "0"));
    for (String setting : settings) {
      String[] pair = setting.split("=", 2);
      all.put(pair[0], pair[1]);
    }
    String password = all.remove("database.password"); // which all could read in a command line
    List<String> arguments = new ArrayList<>(List.of("serve"));
    all.forEach((key, value) -> arguments.add("-D" + key + "=" + value));
    List<String> command = new ArrayList<>(by);
    command.addAll(JavaCommand.of(program, directory, arguments));
    return new ServiceProcess(
        directory, command, password == null ? Map.of() : Map.of("DATABASE_PASSWORD", password));
  }

  /** Starts it and waits until it serves. */
  public static ServiceProcess start(Path directory, String... settings) throws Exception {
    ServiceProcess service = launch(directory, settings);
    try {
      service.await("starting server");
      return service;
    } catch (Throwable e) {
      service.close();
      throw e;
    }
  }

  /** Another main class of the tests, watched in the same way. */
  public static ServiceProcess other(Class<?> main, Path directory, String... arguments)
      throws IOException {
    return new ServiceProcess(
        directory,
        JavaCommand.of(List.of(main.getName()), directory, List.of(arguments)),
        Map.of());
  }

  private void read(BufferedReader reader, List<String> into) {
    readers.add(
        Thread.ofPlatform()
            .daemon()
            .name("output-" + pid())
            .start(() -> {
              try (reader) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                  synchronized (into) {
                    into.add(line);
                    into.notifyAll();
                  }
                  if (unread) {
                    process.waitFor();
                  }
                }
              } catch (IOException | InterruptedException e) {
                // The process is gone, and its pipe with it.
              }
            }));
  }

  /**
   * From the next line on nobody reads what the service writes until it has ended: its pipes fill.
   */
  public void stopReading() {
    unread = true;
  }

  public long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  public int port() throws Exception {
    return port("addr");
  }

  /** Of the address in that field of {@code starting server}. */
  public int port(String field) throws Exception {
    String address = await("starting server").get(field);
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** Of its SQLite file. */
  public Rows rows() {
    return new Rows(directory.resolve("lastcall.db"));
  }

  /** Sends it, unless the process has ended. */
  public void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
    boolean sent = kill.waitFor(GUARD.toSeconds(), TimeUnit.SECONDS) && kill.exitValue() == 0;
    if (!sent && process.isAlive()) {
      throw stuck("kill -" + name + " failed");
    }
  }

  /** Waits for the first line with this message. */
  public LogLine await(String message) throws Exception {
    return await(message, 1);
  }

  /** Waits for the n-th line with this message. */
  public LogLine await(String message, int n) throws Exception {
    Deadline end = Deadline.in(GUARD);
    int found = 0;
    synchronized (lines) {
      for (int seen = 0; ; seen++) {
        // In short turns, to see the end of a process that will never write the line.
        while (seen == lines.size()
            && !end.passed()
            && readers.stream().anyMatch(Thread::isAlive)) {
          lines.wait(50);
        }
        if (seen == lines.size()) {
          break;
        }
        LogLine line = new LogLine(lines.get(seen));
        if (line.is(message) && ++found == n) {
          return line;
        }
      }
    }
    boolean ended = readers.stream().noneMatch(Thread::isAlive) && endsWithin(GUARD);
    String how = ended ? "ended and did not write " : "does not write ";
    throw stuck("the service " + how + "\"" + message + "\"" + (n > 1 ? " " + n + " times" : ""));
  }

  /** Waits for the end, with all that was written until then read; its status. */
  public int awaitExit() throws Exception {
    return awaitExit(GUARD);
  }

  int awaitExit(Duration patience) throws Exception {
    if (!endsWithin(patience)) {
      throw stuck("the service does not end");
    }
    for (Thread reader : readers) {
      if (!reader.join(GUARD)) {
        throw stuck("the output of the service does not end");
      }
    }
    return process.exitValue();
  }

  /** Whether it ends within that time. */
  boolean endsWithin(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  public List<LogLine> log(String message) {
    return log().stream().filter(line -> line.is(message)).toList();
  }

  public List<LogLine> log() {
    return copy(lines).stream().map(LogLine::new).toList();
  }

  public String stderr() {
    return String.join("\n", copy(errors));
  }

  private List<String> copy(List<String> guarded) {
    synchronized (guarded) {
      return List.copyOf(guarded);
    }
  }

  /** An error with the reason in its first line, and behind it all there is to know. */
  public IllegalStateException stuck(String what) throws Exception {
    List<LogLine> all = log();
    String last = LogLine.join(all.subList(Math.max(0, all.size() - LINES), all.size()));
    String log = "\nits log:\n" + last + "\nits stderr:\n" + stderr();
    String who = what + " (process " + pid();
    return new IllegalStateException(
        process.isAlive()
            ? who + ", alive)" + log + "\nits threads:\n" + jcmd("Thread.print")
            : who
                + ", status "
                + process.exitValue()
                + ")"
                + LogLine.lastWords(all, stderr())
                + log);
  }

  /** Runs jcmd on it, and returns what it says. */
  public String jcmd(String... command) throws Exception {
    return JavaCommand.jcmd(pid(), directory, command);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(GUARD.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
