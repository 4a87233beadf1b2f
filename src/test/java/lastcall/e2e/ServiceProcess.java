package lastcall.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The service as a user has it: a process of its own, told what to do by signals, telling what it
 * does by its log. What is still alive at {@link #close} is killed.
 */
final class ServiceProcess implements AutoCloseable {
  /** Nothing here takes so long: whoever waits for it is stuck, and then all is told. */
  static final Duration GUARD = Duration.ofSeconds(30);

  private final Process process;
  private final Path directory;
  private final List<Thread> readers = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private final List<LogLine> lines = new ArrayList<>(); // guarded by lock
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> errors = new ArrayList<>(); // guarded by lock

  private ServiceProcess(Path directory, List<String> command) throws IOException {
    this.directory = directory;
    this.process = new ProcessBuilder(command).start();
    readers.add(Thread.startVirtualThread(() -> read(process.inputReader(), true)));
    readers.add(Thread.startVirtualThread(() -> read(process.errorReader(), false)));
  }

  /**
   * Starts it and waits for nothing.
   *
   * @param directory of the database; a second process may be started on it
   * @param settings such as {@code smtp.port=2525}
   */
  static ServiceProcess launch(Path directory, String... settings) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("server.host", "127.0.0.1");
    all.put("server.port", "0");
    all.put("management.port", "0");
    all.put("database.url", "jdbc:sqlite:" + directory.resolve("lastcall.db"));
    all.put("password.memory", "8KiB");
    all.put("password.iterations", "1");
    all.put("password.allow-weak", "true");
    for (String setting : settings) {
      String[] pair = setting.split("=", 2);
      all.put(pair[0], pair[1]);
    }
    List<String> arguments = new ArrayList<>();
    all.forEach((key, value) -> arguments.add("-D" + key + "=" + value));
    return new ServiceProcess(directory, java("lastcall.Main", arguments));
  }

  /** Starts it and waits until it serves. */
  static ServiceProcess start(Path directory, String... settings) throws Exception {
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
  static ServiceProcess other(Class<?> main, Path directory, String... arguments)
      throws IOException {
    return new ServiceProcess(directory, java(main.getName(), List.of(arguments)));
  }

  private static List<String> java(String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("os.name").equals("Linux")) {
      // A script's background job has INT ignored, and its children would inherit that.
      command.addAll(List.of("env", "--default-signal=INT,HUP,TERM"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-preview", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    return command;
  }

  private void read(BufferedReader reader, boolean log) {
    try (reader) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lock.lock();
        try {
          if (log) {
            lines.add(LogLine.parse(line));
          } else {
            errors.add(line);
          }
          added.signalAll();
        } finally {
          lock.unlock();
        }
      }
    } catch (IOException e) {
      // The process is gone, and its pipe with it.
    }
  }

  long pid() {
    return process.pid();
  }

  int port() throws Exception {
    return port("addr");
  }

  int managementPort() throws Exception {
    return port("management");
  }

  private int port(String field) throws Exception {
    String address = await("starting server").get(field);
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  /** What a probe of live, ready or started gets; an IOException once the process is gone. */
  HttpResponse<String> health(String check) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + managementPort() + "/observe/health/" + check);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(GUARD).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  Rows rows() {
    return new Rows(directory.resolve("lastcall.db"));
  }

  void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
    if (!kill.waitFor(GUARD.toSeconds(), TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw stuck("kill -" + name + " failed");
    }
  }

  /** Waits for the first line with this message. */
  LogLine await(String message) throws Exception {
    return await(message, 1);
  }

  /** Waits for the n-th line with this message. */
  LogLine await(String message, int n) throws Exception {
    lock.lock();
    try {
      long left = GUARD.toNanos();
      while (true) {
        List<LogLine> found = lines.stream().filter(line -> line.is(message)).limit(n).toList();
        if (found.size() == n) {
          return found.getLast();
        }
        if (left <= 0 || readers.stream().noneMatch(Thread::isAlive)) {
          break;
        }
        // In short turns, to see the end of a process that will never write the line.
        left -= 50_000_000 - Math.max(0, added.awaitNanos(50_000_000));
      }
    } finally {
      lock.unlock();
    }
    throw stuck("no " + n + " × msg=\"" + message + "\"");
  }

  /** Waits for the end, with all that was written until then read; its status. */
  int awaitExit() throws Exception {
    if (!process.waitFor(GUARD.toSeconds(), TimeUnit.SECONDS)) {
      throw stuck("no exit");
    }
    for (Thread reader : readers) {
      if (!reader.join(GUARD)) {
        throw stuck("its output has no end");
      }
    }
    return process.exitValue();
  }

  List<LogLine> log(String message) {
    return log().stream().filter(line -> line.is(message)).toList();
  }

  List<LogLine> log() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  String stderr() {
    lock.lock();
    try {
      return String.join("\n", errors);
    } finally {
      lock.unlock();
    }
  }

  /** An error that tells all there is to know. */
  AssertionError stuck(String what) throws Exception {
    StringBuilder told = new StringBuilder(what).append(" from process ").append(pid());
    told.append(process.isAlive() ? ", alive" : ", exit status " + process.exitValue())
        .append("; its log:");
    List<LogLine> all = log();
    all.stream().skip(Math.max(0, all.size() - 100)).forEach(l -> told.append('\n').append(l));
    told.append("\nits stderr:\n").append(stderr());
    if (process.isAlive()) {
      told.append("\nits threads:\n").append(jcmd("Thread.print"));
    }
    return new AssertionError(told);
  }

  /** Runs jcmd on it, and returns what it says. */
  String jcmd(String... command) throws Exception {
    List<String> full = new ArrayList<>();
    full.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    full.add("" + pid());
    full.addAll(List.of(command));
    Path said = Files.createTempFile(directory, "jcmd", ".txt");
    Process jcmd =
        new ProcessBuilder(full).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    if (!jcmd.waitFor(10, TimeUnit.SECONDS)) {
      jcmd.destroyForcibly();
      return "jcmd does not answer";
    }
    return Files.readString(said, StandardCharsets.UTF_8);
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
