package lastcall.drill;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import lastcall.config.AppConfig;
import lastcall.config.ConfigException;
import lastcall.config.ConfigLoader;
import lastcall.shutdown.Deadline;
import picocli.CommandLine.Model.CommandSpec;
import sun.misc.Signal;

/**
 * {@code lastcall train}: the service signs up some thousand users at itself and stops. The start
 * script runs it in a JVM that writes at its exit what it has loaded and seen: the cache of the
 * starts to come.
 */
public final class Training implements AutoCloseable {
  private static final int CLIENTS = 8;
  private static final int SIGNUPS = 500; // of each client; C2 has compiled the way by then

  private final Path directory = Files.createTempDirectory("lastcall-train-");
  private final int port;

  /** Begins to sign up as soon as somebody listens, and then sends TERM to this process. */
  public Training() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Thread.ofPlatform().daemon().name("training").start(this::run);
  }

  public static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("train").mixinStandardHelpOptions(true);
    spec.usageMessage()
        .description("Makes the cache that the start script uses, from sign-ups at itself.");
    return spec;
  }

  /** A database in a temporary directory; nothing of the user's environment. */
  public AppConfig config() throws ConfigException {
    Map<String, String> settings = new TreeMap<>();
    ServiceProcess.CHEAP_HASH.forEach(setting -> {
      String[] pair = setting.split("=", 2);
      settings.put(pair[0], pair[1]);
    });
    settings.put("database.url", "jdbc:sqlite:" + directory.resolve("lastcall.db"));
    settings.putAll(Map.of("server.host", "127.0.0.1", "server.port", "" + port));
    settings.put("management.port", "0");
    return new ConfigLoader(name -> null, Map.of(), settings).load(null);
  }

  private void run() {
    try {
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String name = "train" + i;
        clients.add(Thread.ofPlatform().daemon().name(name).start(() -> signUp(name)));
      }
      for (Thread client : clients) {
        client.join();
      }
    } catch (InterruptedException e) {
      System.err.println("lastcall train: " + e);
    }
    Signal.raise(new Signal("TERM"));
  }

  private void signUp(String name) {
    try (SignupClient client = new SignupClient(port)) {
      Deadline end = Deadline.in(ServiceProcess.GUARD);
      for (int done = 0; done < SIGNUPS && !end.passed(); ) {
        if (client.signUp(name + "-" + done + "@example.org").status() == 202) {
          done++;
        } else { // it does not listen yet
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
      }
    } catch (IOException e) {
      System.err.println("lastcall train: " + e);
    }
  }

  @Override
  public void close() throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
