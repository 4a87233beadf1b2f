package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.Test;

/** The name of a mail server, whose addresses change or do not all work. */
final class MailHostTest extends ServiceTest {
  private Path hosts() {
    return directory.resolve("hosts");
  }

  private ServiceProcess startAtRelay() throws Exception {
    ServiceProcess service =
        ServiceProcess.launchBy(
            List.of("env", "JDK_JAVA_OPTIONS=-Djdk.net.hosts.file=" + hosts()),
            directory,
            "smtp.host=relay.test",
            "smtp.tls=none",
            "shutdown.drain=in-flight",
            "smtp.port=" + smtp.port());
    service.await("starting server");
    return service;
  }

  @Test
  void oneAddressOfTwoIsEnough() throws Exception {
    Files.writeString(hosts(), "127.0.0.2 relay.test\n127.0.0.1 relay.test\n");
    try (ServiceProcess service = startAtRelay()) {
      signUp(service, 5);
      smtp.awaitAccepted(5, ServiceProcess.GUARD);
      assertEquals(0, term(service));
      assertEquals(5, service.rows().count("outbox WHERE state = 'sent' AND last_error IS NULL"));
    }
  }

  /** java would keep the old address for 30 s. */
  @Test
  void aServerThatMovedIsFoundAtOnce() throws Exception {
    Files.writeString(hosts(), "127.0.0.2 relay.test\n");
    try (ServiceProcess service = startAtRelay()) {
      signUp(service, 1);
      assertEquals(
          "connection refused", service.await("mail server in trouble, probing").get("reason"));
      Files.writeString(hosts(), "127.0.0.1 relay.test\n");
      smtp.awaitAccepted(1, Duration.ofSeconds(20));
    }
  }

  @Test
  void anUnknownNameStandsInLogAndRow() throws Exception {
    Files.writeString(hosts(), "");
    try (ServiceProcess service = startAtRelay()) {
      signUp(service, 1);
      String reason = "unknown host relay.test";
      assertEquals(reason, service.await("mail server in trouble, probing").get("reason"));
      term(service);
      String where = "outbox WHERE last_error LIKE 'CONNECT " + reason + "%'";
      assertEquals(1, service.rows().count(where));
    }
  }
}
