package lastcall.background;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One thread hands a task over, the other stops the scope and then does what its owner does. All is
 * real but the scope, where a fork runs the task in place, and the owner's being woken.
 */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "taken and run")
@Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "taken, and told that it is lost")
@Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "not taken")
@Outcome(expect = FORBIDDEN, desc = "lost without a word, told twice, or begun after the end")
@State
public class HandOverRace {
  private static final int AFTER_THE_END = 100;

  /** Is woken and joined in the owner's place, whose thread is jcstress's. */
  private static final Thread ENDED = Thread.startVirtualThread(() -> {});

  /** Zero: whoever is late is lost. Else the owner waits a moment for a slot that is just taken. */
  private final Duration deadline =
      Duration.ofNanos(20_000 * ThreadLocalRandom.current().nextInt(2));

  private final AtomicInteger ran = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private Runnable owner;
  private volatile boolean ended;
  private boolean taken;

  private final BackgroundScope scope =
      new BackgroundScope(
          1,
          thrown -> {},
          owner ->
              owner.own(task -> {
                task.run();
                return true;
              }),
          run -> {
            owner = run;
            return ENDED;
          });

  @Actor
  public void submit() {
    taken =
        scope.submit(() -> ran.addAndGet(ended ? AFTER_THE_END : 1), () -> lost.incrementAndGet());
  }

  @Actor
  public void stop() {
    try {
      scope.close(deadline);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    owner.run();
    ended = true;
  }

  @Arbiter
  public void count(III_Result result) {
    result.r1 = taken ? 1 : 0;
    result.r2 = ran.get();
    result.r3 = lost.get() + (scope.running() == 0 ? 0 : AFTER_THE_END);
  }
}
