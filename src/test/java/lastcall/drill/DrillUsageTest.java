package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the drill refuses to do, and why. */
final class DrillUsageTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int drill(String... args) {
    CommandLine.ParseResult parsed = new CommandLine(DrillCommand.spec()).parseArgs(args);
    return new DrillCommand(new PrintStream(out), new PrintStream(err)).run(parsed);
  }

  @Test
  void allThatIsWrongIsToldAtOnce() {
    assertEquals(
        2, drill("--signups", "0x", "--signal", "FOO", "--queue", "x", "--smtp-outage", "5"));
    String told = err.toString();
    for (String option : List.of("--signups 0", "--signal FOO", "--queue x", "--smtp-outage 5")) {
      assertTrue(told.contains(option), told);
    }
    assertEquals(2, drill("--strategies", "all", "--signups", "5"));
    assertEquals(2, drill("--strategies", "none", "--queue", "outbox"));
    assertEquals(2, drill("--strategies", "outbox", "--queue", "memory"));
    assertEquals("", out.toString());
  }

  @Test
  void oneDatabaseIsNeededForSeveral() {
    assertEquals(2, drill("--instances", "3"));
    assertTrue(err.toString().contains("--instances: several need --database"), err.toString());
    String[] nobody = {"--database-user", "x", "--database", "jdbc:postgresql://127.0.0.1:1/x"};
    assertEquals(2, drill(nobody));
    assertTrue(err.toString().contains("127.0.0.1:1 refused"), err.toString());
    assertEquals(2, drill("--signups", "0"));
    assertEquals("", out.toString());
  }

  @Test
  void aFailoverIsOnAPairOfItsOwn() {
    assertEquals(2, drill("--database-trouble=failover", "--pg-ctl=/nowhere/pg_ctl"));
    assertTrue(err.toString().contains("no PostgreSQL found; install it"), err.toString());
    assertEquals(2, drill("--database-trouble=read-only", "--database=jdbc:postgresql://db/x"));
    assertTrue(err.toString().contains("starts a database of its own"), err.toString());
    assertEquals(2, drill("--standby=async"));
    assertTrue(err.toString().contains("--standby: with failover or read-only"), err.toString());
    assertEquals("", out.toString());
  }
}
