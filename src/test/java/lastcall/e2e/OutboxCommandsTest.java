package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lastcall.Main;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.Test;

/** What operators do by commands, beside a service that runs, and without one. */
final class OutboxCommandsTest extends ServiceTest {
  /** Runs a command; its status, and what it wrote, with masks for what differs each time. */
  private String run(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("outbox"));
    all.addAll(List.of(arguments));
    all.add("-Ddatabase.url=" + "jdbc:sqlite:" + directory + "/lastcall.db");
    try (ServiceProcess command =
        ServiceProcess.other(Main.class, directory, all.toArray(String[]::new))) {
      int status = command.awaitExit();
      String out = String.join("\n", command.log().stream().map(LogLine::text).toList());
      return status + " " + out + command.stderr();
    }
  }

  private static void assertHas(String part, String text) {
    assertTrue(text.contains(part), () -> part + " is not in: " + text);
  }

  @Test
  void besideTheServiceAndWithoutIt() throws Exception {
    smtp.on(Step.RCPT, Action.reply("550 5.1.1 no such user"), 3);
    try (ServiceProcess service = start()) {
      signUp(service, 3);
      service.await("welcome e-mail refused", 3);
      String listed = run("list", "--state", "refused");
      assertHas("0 ", listed);
      assertHas("u…@e….org  RCPT 550", listed);
      assertFalse(listed.contains("@example.org"), listed);
      String id = listed.substring(2, listed.indexOf("  refused"));
      assertHas("\"address\":\"user", run("list", "--json", "--addresses"));
      String shown = run("show", "--id", id);
      assertHas("state: refused", shown);
      assertHas("attempt 1: RCPT 550", shown);
      assertEquals("0 3 e-mails match", run("retry", "--state", "refused", "--dry-run"));
      assertHas("2 3 e-mails match", run("retry", "--state", "refused"));
      assertHas("2 ", run("retry", "--all"));
      assertHas("delivery is paused until somebody resumes it, by ", run("pause"));
      service.await("delivery is paused, e-mails wait");
      assertHas("0 due now: " + id, run("retry", "--id", id));
      assertHas("due now: 2 e-mails", run("retry", "--state", "refused", "--all"));
      assertEquals("0 0 e-mails match", run("retry", "--state", "refused", "--all"));
      assertHas("DELIVERY IS PAUSED", run("list"));
      assertEquals(0, smtp.accepted().size());
      assertEquals(0, term(service), "what is paused is not kept by this stop");
      assertEquals(2, service.log("delivery is paused, e-mails wait").size());
      assertEquals(3, service.await("stopped server").number("later"));
      assertHas("0 cancelled: " + id, run("cancel", "--id", id));
      assertHas("1 ", run("cancel", "--id", id));
      assertHas("there is no such e-mail", run("retry", "--id", "nobody"));
      assertHas("0 delivery goes on", run("resume"));
      assertHas("0 delivery was not paused", run("resume"));
    }
    try (ServiceProcess next = start()) {
      smtp.awaitAccepted(2, ServiceProcess.GUARD);
      assertEquals(0, term(next));
      assertEquals(1, next.rows().count("outbox WHERE state = 'cancelled'"));
    }
  }

  @Test
  void whatCantBeDoneIsSaid() throws Exception {
    assertHas("1 lastcall outbox: database.url=jdbc:sqlite:", run("list"));
    assertHas("there is no database yet", run("list"));
    try (var files = Files.list(directory)) {
      assertEquals(
          List.of(),
          files.map(Path::getFileName).map(Path::toString).filter(f -> f.endsWith(".db")).toList());
    }
    assertHas(
        "2 lastcall outbox pause: give --for or --until",
        run("pause", "--for", "2h", "--until", "2030-01-31T12:00:00Z"));
    assertHas("such as 15m", run("pause", "--for", "soon"));
    assertHas("smtp.port", run("list", "-Dsmtp.port=x"));
  }
}
