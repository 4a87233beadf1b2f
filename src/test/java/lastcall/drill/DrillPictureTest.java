package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lastcall.drill.Timeline.End;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import picocli.CommandLine;

/** The picture that a small drill draws, and the files it is written to. */
final class DrillPictureTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int drill(String... args) {
    return new DrillCommand(new PrintStream(out), new PrintStream(err))
        .run(new CommandLine(DrillCommand.spec()).parseArgs(args));
  }

  /** One that loses and one that doesn't, killed; half a second each, so that sends are cut off. */
  @Test
  void thePictureShowsWhatTheLedgersHold() throws Exception {
    Path html = directory.resolve("drill.html");
    Path svg = directory.resolve("stop.svg");
    Files.writeString(html, "of an earlier drill");
    String args =
        "--strategies none,outbox --signal KILL --restart --signups 120 --smtp-delay 500ms"
            + " --concurrency 8 --html "
            + html
            + " --svg "
            + svg;
    assertEquals(0, drill(args.split(" ")), () -> out + "\n" + err);
    String page = Files.readString(html);
    assertTrue(page.contains(Files.readString(svg)), "the page holds the picture");
    Document parsed = StopFixture.parse(page);
    int lost = sum(parsed, "lost");
    assertTrue(lost > 0, page);
    assertEquals(lost, StopFixture.bars(parsed, End.LOST));
    assertEquals(sum(parsed, "duplicates"), StopFixture.bars(parsed, End.TWICE));
    int taken = StopFixture.bars(parsed, End.SENT) + StopFixture.bars(parsed, End.UNKNOWN);
    assertEquals(sum(parsed, "delivered"), taken);
  }

  /** Of the numbers in that column of the page's table. */
  private static int sum(Document page, String column) {
    NodeList rows = page.getElementsByTagName("tr");
    List<String> heads = cells(rows.item(0));
    return IntStream.range(1, rows.getLength())
        .mapToObj(row -> cells(rows.item(row)).get(heads.indexOf(column)))
        .mapToInt(cell -> Integer.parseInt(cell.replace(" ok", "")))
        .sum();
  }

  private static List<String> cells(Node row) {
    NodeList cells = row.getChildNodes();
    return IntStream.range(0, cells.getLength())
        .mapToObj(i -> cells.item(i).getTextContent())
        .toList();
  }

  @Test
  void aFileThatCantBeWrittenIsToldBeforeTheDrillRuns() throws Exception {
    Path missing = directory.resolve("missing/drill.html");
    assertEquals(2, drill("--html", missing.toString(), "--svg", directory.toString()));
    assertTrue(err.toString().contains("--html " + missing + ": must be a file"), err.toString());
    assertTrue(err.toString().contains("--svg " + directory + ": must be a file"), err.toString());
    String twice = directory.resolve("x").toString();
    assertEquals(2, drill("--html", twice, "--json", twice));
    assertTrue(
        err.toString().contains("--html " + twice + ": is the file of --json"), err.toString());
    assertEquals("", out.toString());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
