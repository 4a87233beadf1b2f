package lastcall.catcher;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One client's conversation with the {@link MailCatcher} (RFC 5321, what it asks at least). */
final class CatcherSession {
  private static final int MAX_LINE = 2_048; // RFC 5321 asks for 512
  private static final int MAX_TEXT = 1 << 20;
  private static final int MAX_RECIPIENTS = 100;
  private static final Pattern RCPT =
      Pattern.compile("RCPT TO:<([^<>]+)>.*", Pattern.CASE_INSENSITIVE);
  private static final Duration IDLE = Duration.ofMinutes(5);

  private final Acceptance acceptance;
  private final SmtpLines in;
  private final OutputStream out;
  private boolean greeted;
  private boolean sender;
  private final List<String> recipients = new ArrayList<>();

  CatcherSession(Socket socket, Acceptance acceptance) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(Math.toIntExact(IDLE.toMillis()));
    this.acceptance = acceptance;
    in = new SmtpLines(socket.getInputStream());
    out = socket.getOutputStream();
  }

  void run() throws IOException, InterruptedException {
    try {
      boolean more = answer(acceptance.greeting());
      while (more && in.next(MAX_LINE)) {
        more = in.tooLong() ? reply("500 5.5.2 line too long") : obey(in.line());
      }
    } finally {
      reset();
    }
  }

  /** Returns false when the conversation is over. */
  private boolean obey(String line) throws IOException, InterruptedException {
    String upper = line.toUpperCase(Locale.ROOT);
    String verb = upper.strip().split(" ", 2)[0];
    return switch (verb) {
      case "EHLO", "HELO" -> greet(verb);
      case "MAIL" -> mail(upper);
      case "RCPT" -> recipient(line);
      case "DATA" -> data();
      case "RSET" -> {
        reset();
        yield reply("250 2.0.0 reset");
      }
      case "NOOP" -> reply("250 2.0.0 fine");
      case "VRFY" -> reply("252 2.5.2 send some mail and see");
      case "QUIT" -> !reply("221 2.0.0 bye");
      default -> reply("500 5.5.1 unknown command");
    };
  }

  private boolean greet(String verb) throws IOException {
    greeted = true;
    reset();
    return reply(
        verb.equals("EHLO")
            ? "250-localhost\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE " + MAX_TEXT
            : "250 localhost");
  }

  private boolean mail(String line) throws IOException {
    if (!greeted || sender) {
      return badSequence();
    }
    if (!line.startsWith("MAIL FROM:<") || line.indexOf('>') < 0) {
      return reply("501 5.5.4 MAIL FROM:<address>");
    }
    sender = true;
    return reply("250 2.1.0 sender noted");
  }

  private boolean recipient(String command) throws IOException {
    if (!sender) {
      return badSequence();
    }
    Matcher address = RCPT.matcher(command);
    if (!address.matches()) {
      return reply("501 5.5.4 RCPT TO:<address>");
    }
    if (recipients.size() >= MAX_RECIPIENTS) {
      return reply("452 4.5.3 too many recipients");
    }
    Answer answer = acceptance.recipient();
    if (answer instanceof Answer.Line line && line.text().startsWith("250")) {
      recipients.add(address.group(1));
      acceptance.begins(address.group(1));
    }
    return answer(answer);
  }

  private boolean data() throws IOException, InterruptedException {
    if (recipients.isEmpty()) {
      return badSequence();
    }
    reply("354 end with a dot on a line of its own");
    byte[] text = in.text(MAX_TEXT);
    if (text == null) {
      reset();
      return reply("552 5.3.4 more than " + MAX_TEXT + " bytes");
    }
    List<String> to = List.copyOf(recipients);
    recipients.clear(); // not abandoned
    reset();
    return answer(acceptance.accept(to, text));
  }

  private boolean badSequence() throws IOException {
    return reply("503 5.5.1 bad sequence of commands");
  }

  private void reset() {
    sender = false;
    if (!recipients.isEmpty()) {
      acceptance.abandoned(List.copyOf(recipients));
      recipients.clear();
    }
  }

  private boolean answer(Answer answer) throws IOException {
    return switch (answer) {
      case Answer.Line line -> reply(line.text());
      case Answer.Drop drop -> false;
      case Answer.Silence silence -> {
        while (in.next(MAX_LINE)) {} // a client that leaves, or is silent for IDLE, ends it
        yield false;
      }
    };
  }

  private boolean reply(String text) throws IOException {
    out.write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
    return !text.startsWith("421");
  }
}
