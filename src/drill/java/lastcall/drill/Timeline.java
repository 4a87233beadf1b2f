package lastcall.drill;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * When things happened in one row, by nanoTime, and what became of each e-mail.
 *
 * @param accepted when clients read 202, by address
 * @param sends as the mail server saw them
 * @param delivered addresses whose e-mail the mail server has taken
 * @param due addresses whose e-mail was due in the database at the end of the row
 * @param unknown Message-IDs that a service called unknown
 * @param alone whether at any time only one process was serving: its exit ends all its sends
 */
record Timeline(
    Map<String, Long> accepted,
    List<Send> sends,
    List<Mark> marks,
    Set<String> delivered,
    Set<String> due,
    Set<String> unknown,
    boolean alone) {

  /**
   * One try, from RCPT on.
   *
   * @param id its Message-ID; empty without a final dot
   * @param dot when its final dot came; 0 if none came
   * @param ended when it was answered, or the connection ended
   * @param taken whether the answer was 250
   */
  record Send(String recipient, String id, long begun, long dot, long ended, boolean taken) {}

  /** A moment of the row. */
  record Mark(Kind kind, String label, long at) {
    /** A phase is told by the service, a bound follows from its configuration. */
    enum Kind {
      SIGNAL,
      PHASE,
      BOUND,
      EXIT,
      START
    }
  }

  /** What became of an e-mail between two moments. */
  enum End {
    WAITED("waits"),
    SENT("sent"),
    DEFERRED("answered 4xx"),
    KEPT("kept in the database"),
    CUT("cut before final dot"),
    UNKNOWN("unknown: no answer"),
    TWICE("sent twice"),
    LOST("lost");

    final String text;

    End(String text) {
      this.text = text;
    }

    String css() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** By nanoTime. */
  record Bar(End end, long from, long to) {}

  Timeline {
    accepted = Map.copyOf(accepted);
    sends = List.copyOf(sends);
    marks = marks.stream().sorted(Comparator.comparingLong(Mark::at)).toList();
  }

  /** All others count from here: the first signal, or exit, or whatever came first. */
  long origin() {
    Stream<Mark> ends =
        marks.stream().filter(m -> m.kind() == Mark.Kind.SIGNAL || m.kind() == Mark.Kind.EXIT);
    return ends.mapToLong(Mark::at).findFirst().orElseGet(this::first);
  }

  /** When the first thing happened. */
  long first() {
    Stream<Long> begun = sends.stream().map(Send::begun);
    return Stream.concat(begun, accepted.values().stream()).mapToLong(at -> at).min().orElse(0);
  }

  /** When the last thing happened. */
  long last() {
    Stream<Long> happened = marks.stream().filter(m -> m.kind() != Mark.Kind.BOUND).map(Mark::at);
    Stream<Long> ended = sends.stream().map(Send::ended);
    return Stream.of(happened, ended, accepted.values().stream())
        .flatMap(times -> times)
        .mapToLong(at -> at)
        .max()
        .orElse(0);
  }

  /** The bars of each e-mail, one behind the other; the e-mails by their first moment. */
  List<List<Bar>> emails() {
    Map<String, List<Send>> tries = new HashMap<>();
    sends.stream()
        .sorted(Comparator.comparingLong(Send::begun))
        .forEach(s -> tries.computeIfAbsent(s.recipient(), r -> new ArrayList<>()).add(s));
    Set<String> addresses = new TreeSet<>(accepted.keySet());
    addresses.addAll(tries.keySet());
    return addresses.stream()
        .map(address -> bars(address, tries.getOrDefault(address, List.of())))
        .filter(bars -> !bars.isEmpty())
        .sorted(Comparator.comparingLong(bars -> bars.getFirst().from()))
        .toList();
  }

  private List<Bar> bars(String address, List<Send> tries) {
    boolean due = this.due.contains(address);
    boolean lost = accepted.containsKey(address) && !delivered.contains(address) && !due;
    List<Bar> bars = new ArrayList<>();
    long since = accepted.getOrDefault(address, Long.MAX_VALUE);
    long known = since; // to the process that serves: since it accepted or began to send it
    boolean taken = false;
    for (int i = 0; i < tries.size(); i++) {
      Send send = tries.get(i);
      wait(bars, since, send.begun(), known);
      boolean last = i == tries.size() - 1;
      bars.add(new Bar(lost && last ? End.LOST : end(send, taken), send.begun(), send.ended()));
      taken |= send.taken();
      since = send.ended();
      known = send.begun();
    }
    if (lost && tries.isEmpty()) {
      bars.add(new Bar(End.LOST, since, exitAfter(since)));
    } else if (due && since < last()) {
      bars.add(new Bar(End.KEPT, since, last()));
    }
    return bars;
  }

  private void wait(List<Bar> bars, long from, long to, long known) {
    if (from < to) {
      boolean kept = exits().anyMatch(at -> at >= known && at < to);
      bars.add(new Bar(kept ? End.KEPT : End.WAITED, from, to));
    }
  }

  /**
   * @param before whether an earlier send of the same e-mail was taken
   */
  private End end(Send send, boolean before) {
    if (!send.taken()) {
      return send.dot() == 0 ? End.CUT : End.DEFERRED;
    }
    if (before) {
      return End.TWICE;
    }
    boolean nobodyRead = exits().anyMatch(at -> at >= send.dot() && at < send.ended());
    return nobodyRead || unknown.contains(send.id()) ? End.UNKNOWN : End.SENT;
  }

  private long exitAfter(long time) {
    return exits().filter(at -> at >= time).findFirst().orElseGet(this::last);
  }

  /** Exits that ended all sends there were. */
  private LongStream exits() {
    return marks.stream()
        .filter(mark -> alone && mark.kind() == Mark.Kind.EXIT)
        .mapToLong(Mark::at);
  }
}
