package lastcall.catcher;

import java.util.List;
import java.util.Random;
import lastcall.catcher.Trouble.Kind;
import lastcall.catcher.Trouble.Step;

/** Puts the trouble that was asked for in front of what makes something of the mails. */
public final class TroubleMaker implements Acceptance {
  private final Acceptance behind;
  private final Random random;
  private volatile Trouble now = Trouble.NONE; // written under the monitor

  /**
   * @param random decides for troubles that hit a share only
   */
  public TroubleMaker(Acceptance behind, Random random) {
    this.behind = behind;
    this.random = random;
  }

  /** The trouble that is on, with what is left of its {@code next}. */
  public Trouble now() {
    return now;
  }

  public synchronized void set(Trouble trouble) {
    now = trouble;
  }

  /** Takes one of the next n, or returns {@link Trouble#NONE} if nothing is to happen here. */
  private synchronized Trouble take(Step step) {
    Trouble trouble = now;
    boolean hit =
        trouble.isAt(step) && (trouble.share() >= 1 || random.nextDouble() < trouble.share());
    if (!hit) {
      return Trouble.NONE;
    }
    int left = trouble.next() - 1;
    now = left < 0 ? trouble : left == 0 ? Trouble.NONE : trouble.next(left);
    return trouble;
  }

  @Override
  public Answer greeting() {
    Trouble trouble = take(Step.CONNECT);
    return trouble.kind() == Kind.NOTHING ? behind.greeting() : trouble.answer();
  }

  @Override
  public Answer recipient() {
    Trouble trouble = take(Step.RCPT);
    return trouble.kind() == Kind.NOTHING ? behind.recipient() : trouble.answer();
  }

  @Override
  public Answer accept(List<String> recipients, byte[] text) throws InterruptedException {
    Thread.sleep(now.delay());
    Trouble trouble = take(Step.DOT);
    return switch (trouble.kind()) {
      case NOTHING -> behind.accept(recipients, text);
      case REFUSE -> trouble.answer();
      case SILENCE, DROP -> {
        behind.accept(recipients, text); // what it answers is lost
        yield trouble.answer();
      }
    };
  }

  @Override
  public void closed() {
    behind.closed();
  }
}
