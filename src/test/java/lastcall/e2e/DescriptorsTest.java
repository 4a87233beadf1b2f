package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fewer file descriptors than clients: a listener that runs out of them must not be the end. */
@Timeout(120)
final class DescriptorsTest extends ServiceTest {
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
  private static final int DESCRIPTORS = 220;

  @Test
  void moreClientsThanDescriptorsAreNoHarm() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/limits")), "Linux");
    List<Socket> clients = new ArrayList<>();
    List<String> shell = List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + "; exec \"$@\"", "sh");
    try (ServiceProcess service =
        ServiceProcess.launchBy(shell, directory, "delivery.concurrency=8")) {
      LogLine said =
          service.await("few file descriptors, so fewer connections are accepted at a time");
      assertEquals(DESCRIPTORS, said.number("limit"));
      for (int i = 0; i < DESCRIPTORS + 60; i++) {
        clients.add(new Socket(InetAddress.getLoopbackAddress(), service.port()));
      }
      TestDatabase.await(
          "all are accepted that may be", () -> descriptors(service) >= said.number("connections"));
      assertEquals(200, health(service, "ready").statusCode());
      for (Socket client : clients) {
        client.close();
      }
      assertEquals(1, signUp(service, 1).size());
      assertEquals(200, health(service, "ready").statusCode());
      assertEquals(List.of(), traces(service));
      assertEquals(0, term(service));
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /** All that the process has are taken from it, and given back: neither port stays dead. */
  @Test
  void bothPortsComeBackWhenThereAreDescriptorsAgain() throws Exception {
    assumeTrue(Files.isExecutable(PRLIMIT), "prlimit");
    try (ServiceProcess service = start()) {
      assertEquals(200, health(service, "ready").statusCode());
      prlimit(service, 10);
      connect(service.port());
      connect(service.port("management"));
      service.await("no new connections are accepted", 2);
      prlimit(service, 4000);
      service.await("listener died, another one takes its place", 2);
      TestDatabase.await("ready", () -> ready(service));
      assertEquals(1, signUp(service, 1).size());
      assertEquals(200, health(service, "live").statusCode());
      assertEquals(0, term(service));
    }
  }

  /** Accepting it is what kills the listener. */
  private static void connect(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }

  private static boolean ready(ServiceProcess service) {
    try {
      return health(service, "ready").statusCode() == 200;
    } catch (Exception e) {
      return false; // not listening yet
    }
  }

  private static int descriptors(ServiceProcess service) {
    try (var open = Files.list(Path.of("/proc/" + service.pid() + "/fd"))) {
      return (int) open.count();
    } catch (IOException e) {
      throw new AssertionError("the service is gone", e);
    }
  }

  private static void prlimit(ServiceProcess service, int descriptors) throws Exception {
    List<String> command =
        List.of(PRLIMIT.toString(), "--pid", "" + service.pid(), "--nofile=" + descriptors + ":");
    Process prlimit = new ProcessBuilder(command).inheritIO().start();
    assertTrue(prlimit.waitFor(30, TimeUnit.SECONDS) && prlimit.exitValue() == 0, "prlimit failed");
  }

  private static List<String> traces(ServiceProcess service) {
    return service.log().stream()
        .map(LogLine::text)
        .filter(line -> line.contains("trace="))
        .toList();
  }
}
