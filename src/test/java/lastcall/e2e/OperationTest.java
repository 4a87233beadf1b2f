package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import lastcall.Main;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.drill.SignupClient.Answer;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;

/** What balancers, operators and typists see. */
final class OperationTest extends ServiceTest {
  private record Probe(int ready, int live, int api) {}

  @Test
  @Proves("P1")
  void readyGoesDownBeforeThePortClosesAndLiveStaysUp() throws Exception {
    smtp.delay(Duration.ofSeconds(2));
    List<Probe> probes = new ArrayList<>();
    int accepted = 0;
    try (ServiceProcess service = start("shutdown.pre-stop-delay=1s")) {
      assertEquals(200, health(service, "started").statusCode());
      assertEquals(new Probe(200, 200, 202), probe(service, accepted++));
      service.signal("TERM");
      try {
        while (true) {
          Probe probe = probe(service, probes.size() + 1);
          probes.add(probe);
          accepted += probe.api() == 202 ? 1 : 0;
          new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS); // as a balancer probes
        }
      } catch (IOException e) {
        // the management server is gone, and so is the process
      }
      assertEquals(0, service.awaitExit());
      assertEquals(1, service.log("stopped server").size());
    }
    assertEquals(List.of(), probes.stream().filter(p -> p.live() != 200).toList());
    assertTrue(probes.contains(new Probe(503, 200, 202)), "told, and still served: " + probes);
    assertTrue(probes.contains(new Probe(503, 200, Answer.NOT_SENT)), "drains: " + probes);
    int down = probes.indexOf(probes.stream().filter(p -> p.ready() == 503).findFirst().get());
    assertTrue(probes.stream().limit(down).allMatch(p -> p.api() == 202), "ready first: " + probes);
    assertTrue(probes.stream().skip(down).allMatch(p -> p.ready() == 503), "never back: " + probes);
    assertEquals(accepted, smtp.accepted().size());
  }

  private static Probe probe(ServiceProcess service, int number) throws Exception {
    int ready = health(service, "ready").statusCode();
    int live = health(service, "live").statusCode();
    try (SignupClient client = new SignupClient(service.port())) {
      return new Probe(ready, live, client.signUp("probe" + number + "@example.org").status());
    }
  }

  @Test
  void aThreadDumpShowsTheSendsUnderTheirScope() throws Exception {
    smtp.delay(Duration.ofSeconds(6)); // longer than a busy machine's jcmd takes
    try (ServiceProcess service = start()) {
      signUp(service, 3);
      assertEquals("http://127.0.0.1:" + service.port(), service.await("serving").get("url"));
      smtp.awaitReached(lastcall.testing.ScriptedSmtpServer.Step.DOT, 3, ServiceProcess.GUARD);
      Path dump = directory.resolve("threads.json");
      String said = service.jcmd("Thread.dump_to_file", "-format=json", dump.toString());
      assertTrue(Files.exists(dump), said);
      String containers = Files.readString(dump);
      // From the scope's name to the next container's: its threads.
      Pattern scope =
          Pattern.compile("\"container\": \"send/.*?(?=\"container\": |$)", Pattern.DOTALL);
      String threads =
          scope.matcher(containers).results().map(r -> r.group()).findFirst().orElse(containers);
      for (int send = 1; send <= 3; send++) {
        assertTrue(threads.contains("\"name\": \"send-" + send + '"'), threads);
      }
      assertEquals(0, term(service));
    }
  }

  @Test
  void everyMistakeInTheConfigurationIsToldAtOnce() throws Exception {
    try (ServiceProcess service =
        ServiceProcess.launch(
            directory,
            "server.port=99999",
            "smtp.timeout=soon",
            "shutdown.drain=maybe",
            "delivery.speed=fast")) {
      assertEquals(2, service.awaitExit());
      for (String key : List.of("server.port", "smtp.timeout", "shutdown.drain")) {
        assertTrue(service.stderr().contains(key + "="), service::stderr);
      }
      assertTrue(service.stderr().contains("delivery.speed: unknown key"), service::stderr);
      assertTrue(Files.notExists(directory.resolve("lastcall.db")), "and nothing was begun");
    }
  }

  @Test
  void bothTakenPortsAreTold() throws Exception {
    try (ServerSocket api = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        ServerSocket management = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        ServiceProcess service =
            ServiceProcess.launch(
                directory,
                "server.port=" + api.getLocalPort(),
                "management.port=" + management.getLocalPort())) {
      assertEquals(1, service.awaitExit());
      String why = service.await("start failed").get("why");
      assertTrue(why.contains("server.port=" + api.getLocalPort() + ": in use"), why);
      assertTrue(why.contains("management.port=" + management.getLocalPort() + ": in use"), why);
    }
  }

  @Test
  void aMisspeltVariableIsTold() throws Exception {
    List<String> by = List.of("env", "SERVER_PROT=1", "SERVER_NAME=x", "ENV=/etc/shinit");
    try (ServiceProcess service = ServiceProcess.launchBy(by, directory, "server.port=x")) {
      assertEquals(2, service.awaitExit());
      List<LogLine> log = service.log();
      assertEquals(1, log.size(), log::toString);
      assertEquals("SERVER_PROT", log.getFirst().get("variable"));
      assertEquals("SERVER_PORT", log.getFirst().get("did_you_mean"));
    }
  }

  @Test
  void aUsageErrorIsTheLineThatMatters() throws Exception {
    try (ServiceProcess service =
        ServiceProcess.other(Main.class, directory, "serve", "--confg=x.yaml")) {
      assertEquals(2, service.awaitExit());
      assertEquals(
          List.of(
              "lastcall serve: Unknown option: '--confg=x.yaml'",
              "Possible solutions: --config",
              "Try: lastcall serve --help"),
          service.stderr().lines().toList());
    }
  }

  /** Two processes on one file would send every e-mail that is under way twice. */
  @Test
  void aSecondProcessIsRefusedThroughALinkToo() throws Exception {
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
    try (ServiceProcess service = start()) {
      Files.createSymbolicLink(elsewhere.resolve("lastcall.db"), directory.resolve("lastcall.db"));
      try (ServiceProcess second = ServiceProcess.launch(elsewhere)) {
        assertEquals(1, second.awaitExit());
        assertTrue(second.await("start failed").text().contains("process " + service.pid()));
      }
      assertEquals(0, term(service));
    }
  }

  /** Or the first hash would end the process. */
  @Test
  void aHashThatDoesNotFitIntoTheHeapIsRefusedAtTheStart() throws Exception {
    try (ServiceProcess service = ServiceProcess.launch(directory, "password.memory=512MiB")) {
      assertEquals(2, service.awaitExit());
      String said = service.stderr();
      assertTrue(said.contains("password.memory") && said.contains("-Xmx"), said);
    }
  }
}
