package lastcall;

import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;

/** Runs all races, with jcstress's options, and counts their rounds. */
public final class Races {
  /** Of each race. */
  private static final long LEAST_ROUNDS = 10_000_000;

  private Races() {}

  /**
   * @throws AssertionError at a forbidden outcome, a race that failed, or too few rounds
   */
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    if (!options.parse()) {
      throw new IllegalArgumentException("see above");
    }
    JCStress races = new JCStress(options);
    races.run(); // throws at a forbidden outcome and at a failure
    InProcessCollector results = new InProcessCollector();
    DiskReadCollector file = new DiskReadCollector(options.getResultFile(), results);
    file.dump();
    file.close();
    Map<String, Long> rounds = new TreeMap<>();
    races.getTests().forEach(race -> rounds.put(race, 0L));
    for (TestResult result : results.getTestResults()) {
      rounds.merge(result.getName(), result.getTotalCount(), Long::sum);
    }
    rounds.forEach((race, count) -> System.out.printf("%,15d rounds of %s%n", count, race));
    if (rounds.isEmpty() || rounds.values().stream().anyMatch(count -> count < LEAST_ROUNDS)) {
      throw new AssertionError("fewer than " + LEAST_ROUNDS + " rounds");
    }
  }
}
