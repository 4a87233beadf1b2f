package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lastcall.drill.StopPicture.Panel;
import lastcall.drill.Timeline.End;
import lastcall.drill.Timeline.Mark;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** What is drawn of sends that are known. */
final class StopPictureTest extends StopFixture {
  @Test
  void barsAndLinesStandWhereTheirTimesAre() throws Exception {
    Document svg = parse(StopPicture.of(List.of(new Panel(row("outbox"), aStop()))));
    Map<End, Integer> counted = new HashMap<>();
    timeline().emails().forEach(e -> e.forEach(bar -> counted.merge(bar.end(), 1, Integer::sum)));
    for (End end : End.values()) {
      assertEquals(counted.get(end), bars(svg, end), end.name());
    }
    List<Element> lines = all(svg, "line");
    double term = attribute(line(lines, "mark signal"), "x1");
    double exit = attribute(line(lines, "mark exit"), "x1");
    double serves = attribute(line(lines, "mark start"), "x1");
    double deadline = attribute(line(lines, "mark bound"), "x1");
    double second = (exit - term) / 4;
    assertEquals(term + 5 * second, deadline, 0.3);
    assertEquals(term + 6 * second, serves, 0.3);
    Element dies = path(svg, End.LOST); // those lost: one from -2, one from 2, both until 4
    List<String> bars = List.of(dies.getAttribute("d").substring(1).split("M", -1));
    assertEquals(2, bars.size());
    List<Double> begins = new ArrayList<>();
    for (String bar : bars) {
      double from = Double.parseDouble(bar.split(" ", -1)[0]);
      begins.add((double) Math.round((from - term) / second * 10) / 10);
      double width = Double.parseDouble(bar.split("h", -1)[1]);
      assertEquals(exit, from + width, 0.3);
    }
    assertEquals(List.of(-2.0, 2.0), begins.stream().sorted().toList());
    assertTrue(all(svg, "text").stream().anyMatch(t -> t.getTextContent().equals("2 lost")));
    assertEquals("img", svg.getDocumentElement().getAttribute("role"));
    String desc = all(svg, "desc").getFirst().getTextContent();
    assertTrue(desc.contains("outbox: 2 lost of 8 accepted"), desc);
  }

  private static Element line(List<Element> lines, String css) {
    return lines.stream()
        .filter(l -> l.getAttribute("class").equals(css))
        .findFirst()
        .orElseThrow();
  }

  private static Element path(Document svg, End end) {
    return all(svg, "path").stream()
        .filter(p -> p.getAttribute("class").equals(end.css()) && !p.hasAttribute("stroke-width"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void noTextIsMarkup() throws Exception {
    mark(Mark.Kind.SIGNAL, "<script>&\"", 0);
    List<Panel> panels =
        List.of(
            new Panel(row("none"), timeline()),
            new Panel(new Row.Failed(row("none").scenario(), "<b>&amp;\"'\nmore"), null));
    Document page = parse(StopPage.of(panels));
    List<String> texts = all(page, "text").stream().map(Element::getTextContent).toList();
    assertTrue(texts.contains("<script>&\""), () -> "" + texts);
    assertTrue(texts.contains("not run: <b>&amp;\"'"), () -> "" + texts);
    assertEquals(List.of(), all(page, "script"));
    assertEquals(List.of(), all(page, "b"));
  }

  /** No script, and nothing that a browser would have to fetch. */
  @Test
  void thePageNeedsNoOtherFile() throws Exception {
    String page = StopPage.of(List.of(new Panel(row("outbox"), aStop())));
    String rest = page.replaceAll("xmlns=\"[^\"]*\"", "");
    for (String fetched : List.of("http:", "https:", "src=", "href=", "url(", "@import")) {
      assertFalse(rest.contains(fetched), fetched);
    }
    Document parsed = parse(page);
    List<String> heads = all(parsed, "th").stream().map(Element::getTextContent).toList();
    assertTrue(heads.containsAll(List.of("lost", "kept", "delivered", "status")), "" + heads);
  }

  @Test
  void whatIsDrawnIsBoundedAndTheRestIsTold() throws Exception {
    mark(Mark.Kind.SIGNAL, "TERM", 0);
    for (int i = 0; i < 5_000; i++) {
      accepted.put("a" + i, at(-2));
      send("a" + i, i / 100.0, i / 100.0, i / 100.0 + 1, true);
    }
    Panel panel = new Panel(row("outbox"), timeline());
    Document one = parse(StopPicture.of(List.of(panel)));
    assertEquals(StopPicture.MOST_IN_ONE, bars(one, End.SENT));
    assertTrue(text(one).contains("drawn: 1000 of 5000 e-mails, evenly"), text(one));
    Document many = parse(StopPicture.of(Collections.nCopies(40, panel)));
    assertEquals(StopPicture.MOST, bars(many, End.SENT));
    assertTrue(text(many).contains("10 more rows are not drawn."), text(many));
  }

  private static String text(Document document) {
    return document.getDocumentElement().getTextContent();
  }
}
