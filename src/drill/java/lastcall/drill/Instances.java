package lastcall.drill;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The service's processes of one row, on one database: one, or several. */
final class Instances implements Load.Targets {
  /** Something that becomes less. */
  interface Left {
    int count() throws Exception;
  }

  /** Nothing has become less for so long: longer than any outage's pause, or any lease. */
  static final Duration STANDSTILL = Duration.ofSeconds(90);

  private final Workplace workplace;
  private final List<String> program;
  private final Path directory;
  private final List<String> settings;
  private final boolean patient;
  private final List<ServiceProcess> all = new ArrayList<>(); // those that have ended, too
  private final Set<ServiceProcess> ended = new HashSet<>(); // as they should
  private final List<ServiceProcess> current = new CopyOnWriteArrayList<>();
  private final AtomicIntegerArray ports;

  /**
   * @param program the main class that is started, and its first arguments
   */
  Instances(
      Workplace workplace,
      List<String> program,
      Path directory,
      List<String> settings,
      Scenario scenario) {
    this.workplace = workplace;
    this.program = program;
    this.directory = directory;
    this.settings = settings;
    this.patient = scenario.goesOn();
    this.ports = new AtomicIntegerArray(scenario.fleet().instances());
  }

  /** One after the other: several JVMs that start at once are too slow for their own timeouts. */
  void start(Scenario.@Nullable Crash crash) throws Exception {
    List<String> first = crash == null ? program : crash.program();
    for (int i = 0; i < count(); i++) {
      current.add(launch(first));
      ports.set(i, current.get(i).port());
    }
  }

  private ServiceProcess launch(List<String> what) throws IOException {
    ServiceProcess process = workplace.launch(what, directory, settings);
    all.add(process);
    return process;
  }

  /** Another one in its place, which has ended; waits until it serves. */
  void restart(int i) throws Exception {
    current.set(i, launch(program));
    ports.set(i, current.get(i).port());
  }

  /** It was told to. */
  void ended(int i) {
    ended.add(current.get(i));
  }

  ServiceProcess get(int i) {
    return current.get(i);
  }

  @Override
  public int count() {
    return ports.length();
  }

  @Override
  public int port(int i) {
    return ports.get(i % count());
  }

  @Override
  public boolean patient() {
    return patient;
  }

  /** Those that serve. */
  List<ServiceProcess> alive() {
    return current.stream().filter(ServiceProcess::isAlive).toList();
  }

  /** Of all that could still say it; null if none could. */
  @Nullable Integer unknown() {
    List<LogLine> said =
        all.stream()
            .flatMap(process -> process.log("stopped server").stream())
            .filter(line -> line.has("unknown"))
            .toList();
    return said.isEmpty() ? null : said.stream().mapToInt(line -> line.number("unknown")).sum();
  }

  /** The Message-IDs of the e-mails that they called unknown. */
  Set<String> unknownIds() {
    return all.stream()
        .flatMap(process -> process.log().stream())
        .filter(line ->
            line.is("welcome e-mail unknown")
                || (line.is("send ended") && line.get("outcome").equals("Unknown")))
        .map(line -> line.get("id"))
        .collect(Collectors.toSet());
  }

  /** Waits until nothing is left, as long as it becomes less. */
  void await(String what, Duration pause, Left left) throws Exception {
    long since = System.nanoTime();
    int before = Integer.MAX_VALUE;
    for (int now = left.count(); now > 0; now = left.count()) {
      if (alive().isEmpty()) {
        throw current.getFirst().stuck("the service ended with " + now + " " + what + " left");
      }
      if (now < before) {
        before = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > STANDSTILL.toNanos()) {
        throw alive().getFirst().stuck("nothing moves: " + now + " " + what + " left");
      }
      Thread.sleep(pause);
    }
  }

  /** By TERM, all at once; they have nothing left to do. */
  void stop(Duration patience) throws Exception {
    List<ServiceProcess> left = current.stream().filter(p -> !ended.contains(p)).toList();
    for (ServiceProcess process : left) {
      if (!process.isAlive()) {
        throw process.stuck("the service ended before it was told to");
      }
      process.signal("TERM");
    }
    for (ServiceProcess process : left) {
      int status = process.awaitExit(patience);
      if (status != 0) {
        throw process.stuck("the service ended with status " + status + " at the end of the row");
      }
    }
  }
}
