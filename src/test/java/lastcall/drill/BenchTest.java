package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import lastcall.config.AppConfig;
import lastcall.testing.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import picocli.CommandLine;

/** Small benches: what they write, and not how fast anything is. */
final class BenchTest {
  private static final String SMALL =
      "--for 1s --warm-up 0s --clients 4 --concurrency 4 --curve 1,2 --connections 2 --backlog 20";

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int bench(String... args) {
    CommandLine.ParseResult parsed = new CommandLine(BenchCommand.spec()).parseArgs(args);
    return new BenchCommand(new PrintStream(out), new PrintStream(err)).run(parsed);
  }

  @Test
  void aSmallBenchLosesNothingAndWritesAllFigures() throws Exception {
    Path json = directory.resolve("bench.json");
    Path html = directory.resolve("bench.html");
    String files = " --json " + json + " --html " + html;
    int status = bench((SMALL + files + " -Dpassword.max-queued=100").split(" "));
    System.out.print(out);
    assertEquals(0, status, () -> out + "\n" + err);
    String written = Files.readString(json);
    for (String key :
        List.of(
            "signups_per_second emails_per_second seconds_to_first_202 ceiling_store_per_second"
                .concat(" ceiling_nothing_stored_per_second answer_p99_ms email_p99_9_ms")
                .concat(" peak_memory_mib service_cpu_ms_per_signup bench_cpu_ms_per_signup")
                .concat(" fsyncs_per_signup wal_bytes_per_signup stop_seconds accepted clients")
                .concat(" signups_per_second percent_of_raw_client processors git jdk")
                .split(" "))) {
      assertTrue(written.matches("(?s).*\"" + key + "\":[^n].*"), key + " in " + written);
    }
    for (String zero : List.of("lost", "twice", "cut_off", "kept", "stop_status")) {
      assertTrue(written.contains("\"" + zero + "\":0.0"), zero + " in " + written);
    }
    assertTrue(written.contains("\"database_cpu_ms_per_signup\":null"), written);
    assertTrue(written.contains("\"database_cpu_ms_per_signup\":\"SQLite runs in"), written);
    assertTrue(written.contains("\"service_keys\":\"{password.max-queued=100}\""), written);
    Document page = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(html.toFile());
    assertEquals(7, page.getElementsByTagName("svg").getLength());
    Node first = page.getElementsByTagName("svg").item(0);
    assertNotNull(first);
    assertTrue(first.getTextContent().contains("TERM"), first.getTextContent());
    Set<String> others = Set.of("script", "link", "img"); // files that the page would need
    others.forEach(tag -> assertEquals(0, page.getElementsByTagName(tag).getLength(), tag));
  }

  @Test
  void onPostgresTheServerCountsToo() throws Exception {
    PostgresServer server = PostgresServer.shared();
    AppConfig.Store database = server.create();
    Rows rows = new Rows(database.url(), database.user(), database.password());
    Path json = directory.resolve("bench.json");
    try {
      String small = SMALL.replace("1,2", "none").replace("--connections 2", "--connections none");
      String where = " --database-user " + database.user() + " --database " + database.url();
      String all = small + where + " --database-password " + database.password();
      assertEquals(0, bench((all + " --json " + json).split(" ")), () -> out + "\n" + err);
      String written = Files.readString(json);
      assertFalse(written.contains("\"wal_bytes_per_signup\":null"), written);
      assertFalse(written.contains("\"" + database.password() + "\""), written);
      assertEquals(0, rows.count("pg_namespace WHERE nspname LIKE 'drill%'"), "its schema is left");
    } finally {
      server.drop(database);
    }
  }

  @Test
  void allThatIsWrongIsToldAtOnce() {
    String wrong = "--for 1 --clients 1025 --curve 1,0 --password x -Dsmtp.port=1 --config nowhere";
    assertEquals(2, bench(wrong.split(" ")));
    for (String option : List.of("--for 1", "--clients 1025", "--curve 1,0", "--password x")) {
      assertTrue(err.toString().contains(option + ":"), err.toString());
    }
    assertTrue(err.toString().contains("-Dsmtp.port: bench sets"), err.toString());
    assertTrue(err.toString().contains("--config nowhere: there is no such file"), err.toString());
    err.reset();
    String nobody = "--database-user x --database jdbc:postgresql://127.0.0.1:1/x";
    assertEquals(2, bench(nobody.split(" ")));
    assertTrue(err.toString().contains("127.0.0.1:1 refused"), err.toString());
    assertEquals(2, bench("--for", "61s", "--warm-up", "2m"));
    assertTrue(err.toString().contains("--for: from 1s to 1m"), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void latenciesAndRatesAreExact() {
    Moments moments = new Moments("load", 100);
    for (int i = 0; i < 100; i++) {
      moments.accepted(i, 1_000, 1_000 + (i + 1) * 1_000_000L);
    }
    moments.accept("load.7@drill.example");
    moments.accept("other.8@drill.example");
    Moments.Latency latency = moments.answers(new Moments.Span(0, Long.MAX_VALUE));
    assertEquals(List.of(50.0, 99.0), List.of(latency.p50(), latency.p99()));
    assertEquals(100, latency.values().get(4));
    assertEquals(99, moments.waiting(Long.MAX_VALUE));
  }
}
