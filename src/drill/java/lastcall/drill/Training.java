package lastcall.drill;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lastcall.Listeners;
import lastcall.Main;
import lastcall.shutdown.Deadline;
import sun.misc.Signal;

/**
 * {@code target/lastcall train}: the service, which signs up some thousand users at itself and
 * stops. The start script runs it in a JVM that writes at its exit what it has loaded and seen: the
 * cache of the starts to come.
 */
public final class Training {
  private static final int CLIENTS = 8;
  private static final int SIGNUPS = 500; // of each client; C2 has compiled their way by then

  private Training() {}

  /** Takes no arguments. The database is in a temporary directory, deleted at the exit. */
  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory("lastcall-train-");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> Workplace.delete(directory)));
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Thread.ofPlatform().daemon().name("training").start(() -> train(port));
    List<String> settings = new ArrayList<>(ServiceProcess.CHEAP_HASH);
    settings.add("database.url=jdbc:sqlite:" + directory.resolve("lastcall.db"));
    settings.addAll(List.of("lastcall.env=development", "smtp.host=embedded"));
    settings.addAll(List.of("server.host=127.0.0.1", "server.port=" + port, "management.port=0"));
    Main.run(settings.stream().map(key -> "-D" + key).toArray(String[]::new), Listeners.NONE);
  }

  private static void train(int port) {
    System.err.println(
        "lastcall train: " + CLIENTS * SIGNUPS + " sign-ups, then java writes the cache");
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        String name = "train" + i;
        clients.execute(() -> signUp(port, name));
      }
    } // waits for them
    Signal.raise(new Signal("TERM"));
  }

  private static void signUp(int port, String name) {
    Deadline end = Deadline.in(ServiceProcess.GUARD);
    try (SignupClient client = new SignupClient(port)) {
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
}
