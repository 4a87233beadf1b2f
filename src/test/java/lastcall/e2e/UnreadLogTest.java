package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lastcall.drill.ServiceProcess;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;

/** stdout is a pipe that nobody reads, and it is full. */
final class UnreadLogTest extends ServiceTest {
  private static final int ENOUGH = 800; // lines of 140 bytes: more than the pipe's 64 KiB

  @Test
  @Proves("P8")
  void aLogThatNobodyReadsHoldsUpNothing() throws Exception {
    Set<String> accepted;
    try (ServiceProcess service = start()) {
      service.stopReading();
      accepted = signUp(service, ENOUGH);
      assertEquals(200, health(service, "live").statusCode());
      assertEquals(0, term(service));
      assertEquals(accepted, recipients());
      assertTrue(service.log("stopped server").isEmpty(), "the pipe was full to the end");
      assertEquals(0, service.rows().count("outbox WHERE state <> 'sent' OR attempts > 1"));
    }
    try (ServiceProcess next = start()) {
      assertEquals(0, term(next));
      assertEquals(List.of(), next.log("log lines dropped"));
    }
    Map<String, Integer> counts = smtp.countsById();
    assertEquals(ENOUGH, counts.size());
    assertEquals(1, Collections.max(counts.values()), "none twice");
  }
}
