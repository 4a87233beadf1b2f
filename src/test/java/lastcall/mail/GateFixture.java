package lastcall.mail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lastcall.shutdown.Deadline;
import lastcall.testing.TestDatabase;

/** A gate, and what it says. */
abstract class GateFixture {
  static final SmtpFailure DOWN = failure(SmtpPhase.CONNECT, 0, "");
  static final SmtpFailure TOO_MANY = failure(SmtpPhase.GREETING, 421, "4.7.0");
  static final SmtpFailure DROPPED = failure(SmtpPhase.RCPT, 0, "");
  static final SmtpFailure FULL_DISK = failure(SmtpPhase.DATA, 452, "4.3.1");
  static final SmtpFailure QUOTA = failure(SmtpPhase.DOT, 550, "5.4.5");
  static final SmtpFailure NO_USER = failure(SmtpPhase.RCPT, 550, "5.1.1");
  static final SmtpFailure WRONG_PASSWORD = failure(SmtpPhase.AUTH, 535, "5.7.8");
  static final SendOutcome UNKNOWN = new SendOutcome.Unknown(failure(SmtpPhase.DOT, 0, ""));
  static final SendOutcome SENT = new SendOutcome.Sent();

  final List<Gate.Change> changes = new ArrayList<>();
  final List<String> reopened = new ArrayList<>();
  final Gate gate = new Gate(32);
  Gate.Verdict last;

  static SmtpFailure failure(SmtpPhase phase, int code, String enhanced) {
    return new SmtpFailure(phase, code, enhanced, "", phase + " " + code);
  }

  static List<String> names(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  void openWide() {
    while (gate.permits(32) < 32) {
      List<String> all = names("wide", gate.permits(32));
      begin(all.toArray(String[]::new));
      all.forEach(gate::accepted);
      all.forEach(id -> end(id, SENT));
    }
  }

  void begin(String... ids) {
    for (String id : ids) {
      if (gate.closed()) {
        gate.nextProbe = Deadline.in(Duration.ZERO);
      }
      gate.begin(id);
    }
  }

  SendOutcome end(String id, SmtpFailure trouble) {
    return trouble == NO_USER
        ? end(id, new SendOutcome.Refused(trouble))
        : end(id, new SendOutcome.ServerTrouble(trouble));
  }

  SendOutcome end(String id, SendOutcome outcome) {
    Gate.Verdict verdict = gate.ended(id, outcome);
    last = verdict;
    if (verdict.change() != null) {
      changes.add(verdict.change());
    }
    reopened.addAll(verdict.refusedBefore());
    return verdict.outcome();
  }

  void awaitProbe() {
    TestDatabase.await("time of the probe", () -> gate.untilProbe().isZero());
  }
}
