package lastcall.drill;

import java.util.ArrayList;
import java.util.List;
import lastcall.lab.CrashMain;
import org.jspecify.annotations.Nullable;

/** What came out of a scenario. */
sealed interface Row {
  Scenario scenario();

  /** What was promised and is not so; empty if all is well. */
  List<String> broken();

  /**
   * The second process.
   *
   * @param due rows that the first one left, those it had claimed included
   * @param recovered those it had claimed, as the second one has logged it
   * @param seconds from its start until nothing was due
   */
  record Recovery(int due, int recovered, double seconds) {
    String by() {
      if (due == 0) {
        return "nothing was due";
      }
      return recovered > 0 ? "the next start: recovered=" + recovered : "a claim: it was due";
    }
  }

  /**
   * How fast it went on.
   *
   * @param perSecond e-mails, from the first that the sink took to the last
   * @param takeover seconds from a kill until others had ended all the killed one had claimed; null
   *     if none was killed
   * @param outage null if the database was in no trouble
   * @param kept null without delivery.rate
   */
  record Pace(
      double perSecond,
      @Nullable Double takeover,
      @Nullable Outage outage,
      @Nullable RateKept kept) {}

  /**
   * What the database's trouble did.
   *
   * @param seconds from its begin to the first answer 202 to a request that began behind its end
   * @param all seconds from its begin until each instance had answered 202, but for those stuck
   * @param stuck instances that answered no 202
   * @param unavailable answers 503 of the whole row
   * @param gone addresses whose client read 202, and that are not among the users
   */
  record Outage(double seconds, double all, int stuck, int unavailable, int gone) {}

  /**
   * It was run to its end.
   *
   * @param repeated requests that repeated a sign-up after a 503
   * @param halfDone users without their one e-mail, and e-mails without a user
   * @param pruned e-mails from long ago that were deleted meanwhile
   * @param inFlight rows found claimed by what was ended, after its exit and before the restart
   * @param unknown as the service has logged it; null if it could not
   * @param seconds from the first signal to the exit; the longest, as with the status
   * @param status of the exit that followed the signal
   * @param recovery null without a restart of the only instance
   */
  record Counted(
      Scenario scenario,
      Counts counts,
      int repeated,
      int halfDone,
      int pruned,
      int inFlight,
      @Nullable Integer unknown,
      double seconds,
      int status,
      @Nullable Recovery recovery,
      Pace pace)
      implements Row {
    /**
     * Only the outbox promises anything, on a database that keeps what it has acknowledged; the
     * other rows are there to be looked at.
     */
    boolean promised() {
      return !scenario.memory() && !asynchronous();
    }

    /** Whether the primary acknowledged what its standby did not have. */
    boolean asynchronous() {
      return scenario.fleet().trouble() instanceof DatabaseTrouble.OnPair pair
          && !pair.synchronous();
    }

    /** A duplicate only where a send was begun and its result could not be recorded. */
    int duplicatesAllowed() {
      Scenario.Crash crash = scenario.crash();
      if (crash != null) {
        return crash.point().mayDuplicate() ? inFlight : 0;
      }
      int atForce = scenario.signal().forces() ? inFlight : 0;
      return atForce + (unknown == null ? 0 : unknown);
    }

    boolean lostBroken() {
      return promised() && counts.lost() > 0;
    }

    boolean duplicatesBroken() {
      return promised() && counts.duplicates() > duplicatesAllowed();
    }

    boolean halfDoneBroken() {
      return !scenario.memory() && halfDone > 0;
    }

    @Override
    public List<String> broken() {
      List<String> broken = new ArrayList<>();
      if (lostBroken()) {
        broken.add(counts.lost() + " lost");
      }
      if (duplicatesBroken()) {
        broken.add(counts.duplicates() + " sent twice, " + duplicatesAllowed() + " allowed");
      }
      RateKept kept = pace.kept();
      if (kept != null && kept.broken()) {
        broken.add(
            Math.round(kept.ahead())
                + " ahead of "
                + kept.rate()
                + ", "
                + Math.round(kept.allowed())
                + " allowed");
      }
      if (scenario.fleet().old() > 0 && pruned == 0) {
        broken.add("0 old e-mails deleted");
      }
      if (halfDoneBroken()) {
        broken.add(halfDone + " half done");
      }
      Outage outage = pace.outage();
      if (outage != null && outage.stuck() > 0) {
        broken.add(outage.stuck() + " instances stuck");
      }
      if (outage != null && promised() && outage.gone() > 0) {
        broken.add(outage.gone() + " accepted and not stored");
      }
      if (promised()) {
        broken.addAll(brokenStop());
      }
      if (scenario.crash() != null && status != CrashMain.CRASHED) {
        broken.add("the point was not reached, status " + status);
      }
      if (counts.strange() > 0) { // the drill or the service is not what we think, in any row
        broken.add(counts.strange() + " e-mails with a wrong recipient or Message-ID");
      }
      return broken;
    }

    /** A row that served nobody, or whose stop went wrong, shows nothing lost, too. */
    private List<String> brokenStop() {
      List<String> broken = new ArrayList<>();
      boolean told = scenario.crash() == null && !scenario.signal().none();
      if (told && !scenario.signal().forces() && status != 0 && status != 75) {
        broken.add("status " + status + " after " + scenario.signal().text());
      }
      int wanted = scenario.after().accepted();
      if (told && scenario.load().signups() > 0 && counts.accepted() < wanted) {
        broken.add(counts.accepted() + " of " + wanted + " accepted before the signal");
      }
      boolean alone = told && !scenario.goesOn() && recovery == null;
      if (alone && status == 0 && scenario.smtp().errorRate() == 0 && counts.kept() > 0) {
        broken.add(counts.kept() + " kept, but status 0");
      }
      if (scenario.saturated() && told && !scenario.signal().forces()) {
        broken.addAll(brokenCrowd());
      }
      return broken;
    }

    /** Each client was answered 202 or 503, and the stop had nothing to wait for. */
    private List<String> brokenCrowd() {
      List<String> broken = new ArrayList<>();
      if (counts.refused() == 0) {
        broken.add("0 refused: there was room for all");
      }
      if (counts.cutOff() + counts.unanswered() > 0) {
        broken.add(
            counts.cutOff() + " cut off, " + counts.unanswered() + " stored and not answered");
      }
      if (status != 0) {
        broken.add("status " + status + ", although nothing was left to do");
      }
      return broken;
    }
  }

  /**
   * It could not be run to its end.
   *
   * @param why the reason in the first line, what helps to find its cause in the others
   */
  record Failed(Scenario scenario, String why) implements Row {
    String reason() {
      return "not run: " + why.lines().findFirst().orElse("no reason is known");
    }

    @Override
    public List<String> broken() {
      return List.of(reason());
    }
  }
}
