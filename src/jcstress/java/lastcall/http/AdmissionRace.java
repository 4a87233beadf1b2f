package lastcall.http;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A request comes while the server stops: none is in work once the stop has counted zero. */
@JCStressTest
@Outcome(id = "0, .*", expect = ACCEPTABLE, desc = "refused")
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "admitted, and the stop saw it")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "admitted, and answered before the stop counted")
@Outcome(expect = FORBIDDEN, desc = "run over: in work after the stop had counted zero")
@State
public class AdmissionRace {
  private final InFlightRequests inFlight = new InFlightRequests((request, response) -> {});
  private volatile boolean sawZero;

  @Actor
  public void request(II_Result result) {
    inFlight.admit(() -> result.r1 = sawZero ? 2 : 1);
  }

  @Actor
  public void stop(II_Result result) {
    inFlight.refuse();
    sawZero = inFlight.count() == 0;
    result.r2 = sawZero ? 1 : 0;
  }
}
