package lastcall.store;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A caller gives up while the writer commits, whose first group fails and is run once more: it is
 * withdrawn or committed, never both and never neither.
 */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "withdrawn, and not committed")
@Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "left during the COMMIT, which worked")
@Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "left during the COMMIT, which failed")
@Outcome(expect = FORBIDDEN, desc = "withdrawn, and committed; or neither")
@State
public class WithdrawalRace {
  private final Call<Integer, Integer> call = new Call<>((connection, all) -> List.copyOf(all), 1);
  private boolean withdrawn;
  private boolean committed;

  @Actor
  public void giveUp() {
    try {
      call.await(Duration.ZERO);
    } catch (DatabaseException expected) {
      // its time was up
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    withdrawn = call.withdrawn(); // as its caller sees it, who has been told by now
  }

  @Actor
  public void write() {
    if (call.begin() && call.seal()) {
      call.unseal();
      committed = call.seal();
    }
  }

  @Arbiter
  public void count(III_Result result) {
    result.r1 = withdrawn ? 1 : 0;
    result.r2 = committed ? 1 : 0;
    result.r3 = call.withdrawn() ? 1 : 0;
  }
}
