package lastcall.drill;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import lastcall.drill.Timeline.Mark;
import lastcall.drill.Timeline.Send;
import org.jspecify.annotations.Nullable;

/**
 * Notes when things happened in one row, by the drill's own clock: the clients' 202, each send as
 * the mail server saw it, signals and exits. Called by the threads of clients and connections.
 */
final class Recorder {
  /** So many sends and answers are noted at the most: the first. */
  static final int MOST = 20_000;

  /** A send whose final dot has come; a {@code begun} of 0 is one that is not recorded. */
  record Dot(String recipient, String id, long begun, long at) {}

  private final int most;
  private final long nanosNow = System.nanoTime();
  private final Instant now = Instant.now();
  private final ReentrantLock lock = new ReentrantLock(); // guards all below
  private final Map<String, Long> accepted = new HashMap<>();
  private final Map<String, Deque<Long>> open = new HashMap<>(); // begun, and no final dot yet
  private final List<Send> sends = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();
  private int begun;
  private volatile @Nullable Timeline timeline; // written under lock

  /**
   * @param most 0 to note nothing
   */
  Recorder(int most) {
    this.most = most;
  }

  /** Of the load with that name. */
  Load.Watch watch(String name) {
    return (i, begins, ended) -> accepted(Load.address(name, i), ended);
  }

  /** This address was promised an e-mail. */
  void accepted(String address, long at) {
    locked(() -> {
      if (accepted.size() < most) {
        accepted.put(address, at);
      }
    });
  }

  void begins(String recipient) {
    locked(() -> {
      if (begun < most) {
        open.computeIfAbsent(recipient, r -> new ArrayDeque<>()).add(System.nanoTime());
      }
      begun++;
    });
  }

  /** It ends before its final dot. */
  void abandoned(String recipient) {
    answered(new Dot(recipient, "", last(recipient), 0), false);
  }

  Dot dot(String recipient, String id) {
    return new Dot(recipient, id, last(recipient), System.nanoTime());
  }

  /**
   * @param taken whether the answer is 250
   */
  void answered(Dot dot, boolean taken) {
    if (dot.begun() != 0) {
      Send send =
          new Send(dot.recipient(), dot.id(), dot.begun(), dot.at(), System.nanoTime(), taken);
      locked(() -> sends.add(send));
    }
  }

  /** Takes out when the latest send to the recipient began. */
  private long last(String recipient) {
    lock.lock();
    try {
      Deque<Long> times = open.get(recipient);
      Long last = times == null ? null : times.pollLast();
      return last == null ? 0 : last;
    } finally {
      lock.unlock();
    }
  }

  void mark(Mark.Kind kind, String label) {
    mark(kind, label, System.nanoTime());
  }

  void mark(Mark.Kind kind, String label, long at) {
    locked(() -> marks.add(new Mark(kind, label, at)));
  }

  /** A moment that a line of a service's log tells by the clock of the machine. */
  void mark(Mark.Kind kind, String label, LogLine line) {
    if (line.has("time")) { // the service's lines have it
      Duration since = Duration.between(now, Instant.parse(line.get("time")));
      mark(kind, label, nanosNow + since.toNanos());
    }
  }

  /**
   * The row has ended.
   *
   * @param taken e-mails that the mail server has taken
   * @param due addresses whose e-mail is due in the database
   * @param unknown Message-IDs that a service calls unknown
   * @param alone whether at any time only one process was serving
   */
  void ended(Set<Sink.Mail> taken, Set<String> due, Set<String> unknown, boolean alone) {
    Set<String> delivered = taken.stream().map(Sink.Mail::recipient).collect(Collectors.toSet());
    locked(() -> {
      if (most > 0) {
        timeline = new Timeline(accepted, sends, marks, delivered, due, unknown, alone);
      }
    });
  }

  /** All that was noted; null if the row was not run to its end. */
  @Nullable Timeline timeline() {
    return timeline;
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }
}
