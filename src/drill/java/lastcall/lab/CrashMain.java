package lastcall.lab;

import java.util.Arrays;
import lastcall.Listeners;
import lastcall.Main;

/** The service as it ships, which ends itself at a crash point: {@code CrashMain after-dot:3 …}. */
public final class CrashMain {
  /** The exit status after a crash on purpose: no other end of the service has it. */
  public static final int CRASHED = 86;

  private static final int USAGE = 2;

  private CrashMain() {}

  /** The first argument is the point, and after how many times; the others are the service's. */
  public static void main(String[] args) {
    try {
      Crash crash = Crash.parse(args[0], () -> Runtime.getRuntime().halt(CRASHED));
      Main.run(Arrays.copyOfRange(args, 1, args.length), new Listeners(crash, crash, crash));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(USAGE);
    }
  }
}
