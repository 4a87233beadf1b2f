package lastcall.drill;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/** The database's trouble in the middle of the load, and who serves again behind it. */
final class DatabaseOutage {
  /** Returns when the trouble is over. */
  interface Trouble {
    void make() throws Exception;
  }

  private static final Duration LOOK = Duration.ofMillis(5);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Load load;
  private final Instances instances;
  private final String name;
  private final Map<String, Integer> requests = new HashMap<>();
  private boolean made;
  private double seconds;
  private double all;
  private int stuck;

  /**
   * @param name begins each address
   */
  DatabaseOutage(Load load, Instances instances, String name) {
    this.load = load;
    this.instances = instances;
    this.name = name;
  }

  /** Makes the trouble, and returns when each instance has answered 202 or had its time. */
  void watch(Trouble trouble) throws Exception {
    long begun = System.nanoTime();
    trouble.make();
    long over = System.nanoTime();
    made = true;
    instances.await("services in trouble", LOOK, () -> load.servedSince(over) ? 0 : 1);
    seconds = since(begun);
    Deadline end = Deadline.in(ServiceProcess.GUARD);
    for (int i = 0; i < instances.count(); i++) {
      if (serves(i, end)) {
        all = since(begun);
      } else {
        stuck++;
      }
    }
  }

  private static double since(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }

  /** Signs up at this instance, as often as it takes: the load's clients go on to the next. */
  private boolean serves(int i, Deadline end) throws IOException, InterruptedException {
    String address = Load.address(name + ".after", i);
    while (!end.passed()) {
      try (SignupClient client = new SignupClient(instances.port(i))) {
        int status = client.signUpWithKey(address, address).status();
        requests.put(address, status);
        if (status == 202) {
          return true;
        }
      }
      Thread.sleep(PAUSE);
    }
    return false;
  }

  /** How our own sign-ups ended, by address. */
  Map<String, Integer> requests() {
    return requests;
  }

  /**
   * Null if there was no trouble.
   *
   * @param answers how all sign-ups ended, by address
   * @param users addresses in the database
   */
  Row.@Nullable Outage ended(Map<String, Integer> answers, Set<String> users) {
    long gone =
        answers.entrySet().stream()
            .filter(answer -> answer.getValue() == 202 && !users.contains(answer.getKey()))
            .count();
    return made ? new Row.Outage(seconds, all, stuck, load.unavailable(), (int) gone) : null;
  }
}
