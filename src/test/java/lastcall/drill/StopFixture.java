package lastcall.drill;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import lastcall.drill.Timeline.End;
import lastcall.drill.Timeline.Mark;
import lastcall.drill.Timeline.Send;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import picocli.CommandLine;

/** A stop whose sends are known, and what is found in a picture. */
class StopFixture {
  static final long S = 1_000_000_000L;
  static final long TERM = 100 * S;

  final Map<String, Long> accepted = new HashMap<>();
  final List<Send> sends = new ArrayList<>();
  final List<Mark> marks = new ArrayList<>();
  final Set<String> delivered = new HashSet<>();
  final Set<String> due = new HashSet<>();
  final Set<String> unknown = new HashSet<>();

  /** Times are seconds from TERM; a dot of -99 has not come. */
  void send(String to, double begun, double dot, double ended, boolean taken) {
    long dotAt = dot == -99 ? 0 : at(dot);
    sends.add(new Send(to, dotAt == 0 ? "" : "id-" + to, at(begun), dotAt, at(ended), taken));
    if (taken) {
      delivered.add(to);
    }
  }

  static long at(double seconds) {
    return TERM + (long) (seconds * S);
  }

  void mark(Mark.Kind kind, String label, double seconds) {
    marks.add(new Mark(kind, label, at(seconds)));
  }

  Timeline timeline() {
    return new Timeline(accepted, sends, marks, delivered, due, unknown, true);
  }

  /** TERM at 0, the exit at 4, the second process from 6 on. */
  Timeline aStop() {
    mark(Mark.Kind.EXIT, "exit 75", 4);
    mark(Mark.Kind.SIGNAL, "TERM", 0);
    mark(Mark.Kind.START, "second process serves", 6);
    mark(Mark.Kind.BOUND, "deadline", 5);
    List.of("sent", "lost", "cut", "twice", "unknown", "kept", "dies", "deferred")
        .forEach(to -> accepted.put(to, at(-2)));
    send("sent", -1, -0.9, 0, true);
    send("dies", 2, -99, 4, false); // lost with its send
    send("cut", 2, -99, 3, false);
    send("cut", 7, 7.1, 8, true);
    send("twice", 3, 3.1, 4.5, true); // the process ended before the answer
    send("twice", 7, 7.1, 8, true);
    unknown.add("id-unknown");
    send("unknown", 1, 1.1, 3.9, true);
    send("deferred", -1, -0.9, 0, false);
    send("deferred", 1, 1.1, 2, true);
    send("unanswered", 0, 0.1, 1, true); // stored, but nobody read its 202
    due.add("kept");
    return timeline();
  }

  static Row.Counted row(String strategies) {
    String[] args = {"--strategies", strategies, "--restart", "--seed", "7", "--deadline", "5s"};
    Scenario scenario =
        new DrillOptions(new CommandLine(DrillCommand.spec()).parseArgs(args))
            .scenarios()
            .getFirst();
    Counts counts = new Counts(2, 1, 1, 8, 6, 0, 0, 1, 0);
    Row.Pace pace = new Row.Pace(0, null, null, null);
    return new Row.Counted(scenario, counts, 0, 0, 0, 0, 1, 4, 75, null, pace);
  }

  static Document parse(String xml) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
  }

  static List<Element> all(Document document, String tag) {
    NodeList found = document.getElementsByTagName(tag);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  /** The bars of that end, in all panels. */
  static int bars(Document document, End end) {
    return all(document, "path").stream()
        .filter(path -> ((Element) path.getParentNode()).getAttribute("class").equals("bars"))
        .filter(path -> path.getAttribute("class").equals(end.css()))
        .mapToInt(path -> path.getAttribute("d").split("M", -1).length - 1)
        .sum();
  }

  static double attribute(Element element, String name) {
    return Double.parseDouble(element.getAttribute(name));
  }
}
