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
import lastcall.drill.SlowConnections;
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

  /** As many as there may be connections: they are closed for those who have a request. */
  @Test
  void idleClientsKeepNobodyOut() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/limits")), "Linux");
    List<String> shell = List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + "; exec \"$@\"", "sh");
    try (ServiceProcess service =
        ServiceProcess.launchBy(shell, directory, "limits.idle-timeout=1h")) {
      service.await("starting server");
      try (SlowConnections idle = new SlowConnections(service.port(), DESCRIPTORS)) {
        TestDatabase.await("one was closed", () -> idle.closed() > 0);
        for (int i = 0; i < 5; i++) {
          assertEquals(1, signUp(service, 1, "newcomer" + i).size());
        }
      }
      assertEquals(List.of(), traces(service));
      assertEquals(0, term(service));
    }
  }

  /** The management port has connections of its own, and descriptors that the API does not use. */
  @Test
  void aThousandManagementConnectionsDontReachTheApi() throws Exception {
    List<String> shell = List.of("sh", "-c", "ulimit -n 400; exec \"$@\"", "sh");
    try (ServiceProcess service =
        ServiceProcess.launchBy(shell, directory, "delivery.concurrency=8")) {
      int management = service.port("management");
      try (SlowConnections many = new SlowConnections(management, 1000)) {
        TestDatabase.await("all are opened", () -> many.opened() >= 1000);
        for (int i = 0; i < 200; i++) {
          assertEquals(1, signUp(service, 1, "beside" + i + ".").size());
        }
      }
      TestDatabase.await("answers again", () -> ready(service));
      assertEquals(200, health(service, "live").statusCode());
      assertEquals(List.of(), service.log("no new connections are accepted"));
      assertEquals(List.of(), traces(service));
      assertEquals(0, term(service));
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
