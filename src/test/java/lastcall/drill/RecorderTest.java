package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import lastcall.drill.Timeline.Send;
import org.junit.jupiter.api.Test;

/** What the drill's mail server tells of sends. */
final class RecorderTest {
  /** Says all lines, waits for the answer to each, and hangs up. */
  private static void converse(Sink sink, String... lines) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), sink.port())) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      in.readLine();
      for (String line : lines) {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        in.readLine();
      }
    }
    assertTrue(sink.awaitIdle());
  }

  private static List<Send> sends(int most) throws Exception {
    Recorder recorder = new Recorder(most);
    try (Sink sink = new Sink(Sink.Behaviour.slow(Duration.ofMillis(1)), 0, recorder)) {
      String text = "Message-ID: <id>\r\n\r\nhello\r\n.";
      converse(
          sink, "HELO x", "MAIL FROM:<a@b>", "RCPT TO:<left@x>"); // it leaves before the final dot
      converse(
          sink,
          "HELO x",
          "MAIL FROM:<a@b>",
          "RCPT TO:<reset@x>",
          "RSET",
          "MAIL FROM:<a@b>",
          "RCPT TO:<taken@x>",
          "DATA",
          text);
      recorder.ended(sink.accepted().keySet(), Set.of(), Set.of(), true);
    }
    return Objects.requireNonNull(recorder.timeline()).sends();
  }

  @Test
  void aSendGoesFromRcptToTheAnswerOrToWhereItWasLeft() throws Exception {
    List<Send> sends = sends(10);
    assertEquals(
        List.of("left@x", "reset@x", "taken@x"), sends.stream().map(Send::recipient).toList());
    assertEquals(List.of(false, false, true), sends.stream().map(Send::taken).toList());
    assertEquals(List.of("", "", "id"), sends.stream().map(Send::id).toList());
    assertEquals(0, sends.get(0).dot());
    Send taken = sends.get(2);
    assertTrue(taken.begun() < taken.dot() && taken.dot() + 1_000_000 <= taken.ended());
  }

  @Test
  void onlyTheFirstAreKept() throws Exception {
    assertEquals(List.of("left@x", "reset@x"), sends(2).stream().map(Send::recipient).toList());
  }
}
