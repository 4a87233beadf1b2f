package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import lastcall.drill.ServiceProcess;
import lastcall.testing.Proves;
import lastcall.testing.ScriptedSmtpServer.Accepted;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup and restore on SQLite, by the commands of docs/operations.md as they stand there. */
final class BackupTest extends ServiceTest {
  @TempDir Path elsewhere;

  @Test
  @Proves("P4")
  void whatWasInTheBackupIsSentAfterTheRestore() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/sqlite3")), "no sqlite3");
    List<String> commands = commands();
    Set<String> all;
    Set<String> before;
    smtp.delay(Duration.ofMillis(300)); // with two sends at a time: most are due at the backup
    try (ServiceProcess service = start("delivery.concurrency=2")) {
      before = signUp(service, 30);
      try (SignupLoad load = new SignupLoad(service.port())) {
        load.await(10);
        run(commands.get(0));
        load.await(10);
        all = load.stop();
      }
      smtp.awaitAccepted(smtp.accepted().size() + 2, ServiceProcess.GUARD); // and so sent again
    } // killed
    int sent = smtp.accepted().size();
    assertTrue(commands.get(1).contains("systemctl stop lastcall"), commands.get(1));
    run(commands.get(1));
    try (ServiceProcess service = start()) {
      service.await("delivery is paused, e-mails wait");
      Set<String> users = service.rows().users();
      assertTrue(users.containsAll(before), () -> users + " of " + before);
      assertFalse(users.containsAll(all), "those behind the backup can't be in it");
      assertEquals(users.size(), service.rows().count("outbox"));
      assertFalse(service.rows().due().isEmpty());
      run(commands.get(2));
      TestDatabase.await("nothing is due", () -> due(service).isEmpty());
      assertEquals(users.size(), service.rows().count("outbox WHERE state = 'sent'"));
      assertTrue(recipients().containsAll(users));
      assertEquals(0, term(service));
    }
    List<Accepted> mails = smtp.accepted();
    assertTrue(mails.size() > recipients().size(), sent + " sent before the restore, none again");
    assertEquals(recipients().size(), smtp.countsById().size(), "again, with the same Message-ID");
  }

  private static Set<String> due(ServiceProcess service) {
    try {
      return service.rows().due();
    } catch (java.sql.SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** To back up, to restore, and to go on. */
  private static List<String> commands() throws Exception {
    String page = Files.readString(Path.of("docs/operations.md"));
    String chapter = page.substring(page.indexOf("## Backup and restore"));
    List<String> commands =
        Pattern.compile("(?s)\n```\n(.*?)```")
            .matcher(chapter)
            .results()
            .map(block -> block.group(1))
            .filter(block -> block.contains("/var/lib/lastcall"))
            .toList();
    assertEquals(3, commands.size(), commands.toString());
    return commands;
  }

  /** With our directories, and without a systemd. */
  private void run(String commands) throws Exception {
    Path program = elsewhere.resolve("lastcall");
    if (!Files.exists(program)) {
      String java = System.getProperty("java.home") + "/bin/java";
      String path = System.getProperty("java.class.path");
      Files.writeString(
          program, "exec " + java + " --enable-preview -cp '" + path + "' lastcall.Main \"$@\"\n");
    }
    String ours =
        commands
            .replace("/opt/lastcall/lastcall", "sh " + program)
            .replace("/var/lib/lastcall", directory.toString())
            .replace("/backup", elsewhere.toString());
    Path said = elsewhere.resolve("said");
    Process shell =
        new ProcessBuilder("sh", "-ec", "systemctl() { :; }\n" + ours)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertTrue(shell.waitFor(60, TimeUnit.SECONDS), "stuck: " + ours);
    assertEquals(0, shell.exitValue(), () -> ours + text(said));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
