package lastcall.drill;

import java.util.List;
import java.util.stream.Stream;

/** Seconds from each row's signal. */
record TimeAxis(double first, double last) {
  private static final List<Double> STEPS =
      List.of(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0);

  /** From the first e-mail to the last, of all rows. */
  static TimeAxis of(List<Timeline> timelines) {
    double first = 0;
    double last = 0.1;
    for (Timeline timeline : timelines) {
      first = Math.min(first, (timeline.first() - timeline.origin()) / 1e9);
      last = Math.max(last, (timeline.last() - timeline.origin()) / 1e9);
    }
    return new TimeAxis(first, last + (last - first) / 100);
  }

  double x(double seconds) {
    return StopPanel.LEFT + (seconds - first) / (last - first) * (StopPanel.RIGHT - StopPanel.LEFT);
  }

  List<Double> ticks() {
    double step = STEPS.stream().filter(s -> (last - first) / s <= 14).findFirst().orElse(3_600.0);
    return Stream.iterate(Math.ceil(first / step), i -> i * step <= last, i -> i + 1)
        .map(i -> i * step + 0.0) // no -0
        .toList();
  }
}
