package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import lastcall.drill.Timeline.Bar;
import lastcall.drill.Timeline.End;
import org.junit.jupiter.api.Test;

/** What became of each e-mail, from sends that are known. */
final class TimelineTest extends StopFixture {
  private List<String> bars(String to) {
    Timeline all = timeline();
    Timeline one =
        new Timeline(
            accepted.containsKey(to) ? Map.of(to, accepted.get(to)) : Map.of(),
            sends.stream().filter(send -> send.recipient().equals(to)).toList(),
            all.marks(),
            delivered,
            due,
            unknown,
            true);
    return one.emails().stream()
        .flatMap(List::stream)
        .map(bar -> bar.end() + " " + seconds(bar.from()) + " " + seconds(bar.to()))
        .toList();
  }

  private static double seconds(long at) {
    return (at - TERM) / 1e9;
  }

  @Test
  void eachEmailHasABarForItsWaitAndForEachSend() {
    Timeline stop = aStop();
    assertEquals(TERM, stop.origin());
    assertEquals(List.of("WAITED -2.0 -1.0", "SENT -1.0 0.0"), bars("sent"));
    assertEquals(List.of("LOST -2.0 4.0"), bars("lost"));
    assertEquals(List.of("WAITED -2.0 2.0", "LOST 2.0 4.0"), bars("dies"));
    assertEquals(
        List.of("WAITED -2.0 2.0", "CUT 2.0 3.0", "KEPT 3.0 7.0", "SENT 7.0 8.0"), bars("cut"));
    assertEquals(
        List.of("WAITED -2.0 3.0", "UNKNOWN 3.0 4.5", "KEPT 4.5 7.0", "TWICE 7.0 8.0"),
        bars("twice"));
    assertEquals(List.of("WAITED -2.0 1.0", "UNKNOWN 1.0 3.9"), bars("unknown"));
    assertEquals(List.of("KEPT -2.0 6.0"), bars("kept"), "to the end of what is known");
    assertEquals(
        List.of("WAITED -2.0 -1.0", "DEFERRED -1.0 0.0", "WAITED 0.0 1.0", "SENT 1.0 2.0"),
        bars("deferred"));
    assertEquals(List.of("SENT 0.0 1.0"), bars("unanswered"));
  }

  /** Of several instances, others go on when one exits. */
  @Test
  void anExitEndsNothingOfOtherInstances() {
    Timeline stop = aStop();
    Timeline fleet =
        new Timeline(stop.accepted(), sends, stop.marks(), delivered, due, unknown, false);
    List<End> ends = fleet.emails().stream().flatMap(List::stream).map(Bar::end).toList();
    assertEquals(1, ends.stream().filter(End.UNKNOWN::equals).count(), "the one that was told");
  }
}
