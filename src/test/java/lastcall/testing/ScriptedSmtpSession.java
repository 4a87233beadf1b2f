package lastcall.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import lastcall.testing.ScriptedSmtpServer.Accepted;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.jspecify.annotations.Nullable;

/** One client's conversation with a {@link ScriptedSmtpServer}. */
final class ScriptedSmtpSession implements Runnable {
  private static final Pattern MESSAGE_ID =
      Pattern.compile("^Message-ID:\\s*<([^>]*)>", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

  private final ScriptedSmtpServer server;
  private final Socket raw;
  private Socket socket;
  private InputStream in = InputStream.nullInputStream();
  private OutputStream out = OutputStream.nullOutputStream();
  private boolean loggedIn;
  private boolean sending;
  private boolean lastWasOrder;
  private String recipient = "";

  ScriptedSmtpSession(ScriptedSmtpServer server, Socket socket) {
    this.server = server;
    this.raw = socket;
    this.socket = socket;
  }

  @Override
  public void run() {
    try (raw) {
      use(raw);
      if (server.tlsFromStart()) {
        encrypt();
      }
      boolean more = answer(Step.CONNECT, "220 scripted");
      while (more) {
        String line = line();
        server.command(line);
        more = obey(line);
      }
    } catch (IOException e) {
      // the client left, or the server went down: the end of a conversation like others
    } finally {
      sending(false);
      server.gone(raw);
    }
  }

  private void use(Socket next) throws IOException {
    next.setTcpNoDelay(true);
    socket = next;
    in = new BufferedInputStream(next.getInputStream());
    out = next.getOutputStream();
  }

  private boolean obey(String line) throws IOException {
    return switch (line.toUpperCase(Locale.ROOT).split("[ :]", 2)[0]) {
      case "EHLO", "HELO" -> answer(Step.EHLO, capabilities());
      case "STARTTLS" -> answer(Step.STARTTLS, "220 go ahead") && encrypt();
      case "AUTH" -> answer(Step.AUTH, null) && logIn(line);
      case "MAIL" -> mail();
      case "RCPT" -> recipient(line);
      case "DATA" -> answer(Step.DATA, "354 go on") && (lastWasOrder || text());
      case "NOOP" -> answer(Step.NOOP, "250 fine");
      case "RSET" -> {
        sending(false);
        yield answer(Step.RSET, "250 reset");
      }
      case "QUIT" -> answer(Step.QUIT, "221 bye") && false;
      default -> reply("500 unknown");
    };
  }

  /** Answers as ordered or else with this; null answers nothing yet. False: hang up. */
  private boolean answer(Step step, @Nullable String usual) throws IOException {
    Action action = server.pass(step);
    lastWasOrder = action != null;
    if (action == null) {
      return usual == null || reply(usual);
    }
    return carryOut(action);
  }

  private boolean carryOut(Action action) throws IOException {
    String reply = action.reply();
    if (action.silent() && reply != null) {
      for (int line = 0; line < 600; line++) { // 30 s: a client without a bound of its own fails
        reply(reply);
        LockSupport.parkNanos(50_000_000);
      }
      return reply("250 at last");
    }
    if (action.silent()) {
      in.transferTo(OutputStream.nullOutputStream());
      return false;
    }
    return reply != null && reply(reply);
  }

  private String capabilities() {
    boolean plain = !(socket instanceof SSLSocket);
    return "250-scripted\r\n"
        + (server.tls() != null && plain ? "250-STARTTLS\r\n" : "")
        + (server.credentials() != null ? "250-AUTH PLAIN LOGIN\r\n" : "")
        + "250-DSN\r\n250 8BITMIME";
  }

  private boolean encrypt() throws IOException {
    SSLContext context = server.tls();
    if (lastWasOrder || context == null) {
      return true;
    }
    SSLSocket secure =
        (SSLSocket) context.getSocketFactory().createSocket(raw, null, raw.getPort(), false);
    secure.setUseClientMode(false);
    use(secure);
    return true;
  }

  private boolean logIn(String line) throws IOException {
    if (lastWasOrder) {
      return true;
    }
    String[] words = line.split(" ");
    String given;
    if (words[1].equalsIgnoreCase("PLAIN")) {
      String plain = decode(words.length > 2 ? words[2] : ask("334 "));
      given = plain.substring(plain.indexOf('\0') + 1);
    } else {
      given = decode(ask("334 VXNlcm5hbWU6")) + "\0" + decode(ask("334 UGFzc3dvcmQ6"));
    }
    loggedIn = given.equals(server.credentials());
    return reply(loggedIn ? "235 2.7.0 welcome" : "535 5.7.8 wrong credentials");
  }

  private String ask(String challenge) throws IOException {
    reply(challenge);
    return line();
  }

  private static String decode(String base64) {
    return new String(Base64.getDecoder().decode(base64), ISO_8859_1);
  }

  private boolean mail() throws IOException {
    if (server.credentials() != null && !loggedIn) {
      return reply("530 5.7.0 authentication required");
    }
    if (sending) {
      return reply("503 5.5.1 nested MAIL");
    }
    boolean more = answer(Step.MAIL, "250 sender");
    sending(!lastWasOrder);
    return more;
  }

  private boolean recipient(String line) throws IOException {
    boolean more = answer(Step.RCPT, "250 recipient");
    recipient = line.substring(line.indexOf('<') + 1, Math.max(1, line.lastIndexOf('>')));
    return more;
  }

  private boolean text() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line = line(); !line.equals("."); line = line()) {
      text.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
    }
    Action action = server.pass(Step.DOT);
    if (action == null || action.accept()) {
      server.holdBack();
      Matcher id = MESSAGE_ID.matcher(text);
      server.take(new Accepted(id.find() ? id.group(1) : "", recipient, text.toString()));
    }
    sending(false);
    return action == null ? reply("250 2.0.0 taken") : carryOut(action);
  }

  private void sending(boolean now) {
    if (sending != now) {
      sending = now;
      server.sending(now ? 1 : -1);
    }
  }

  private boolean reply(String text) throws IOException {
    out.write((text + "\r\n").getBytes(ISO_8859_1));
    return true;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException();
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }
}
