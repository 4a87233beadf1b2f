package lastcall.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Replies to SMTP commands: most of them good, the others of every kind. */
final class WildReplies {
  /** Of a reply by itself: what was asked for is done, or not, or nobody can tell. */
  enum Meaning {
    YES,
    NO,
    UNCLEAR
  }

  enum Kind {
    USUAL,
    CODE,
    LINES,
    MIXED,
    ENDLESS,
    BYTES,
    JUNK,
    CLOSE,
    SILENCE,
    EXTRA,
    HUGE,
    BARE_LF,
    CUT,
    EMPTY,
    ODD_CODE
  }

  /**
   * @param inStep no reply is left over for a command that comes later
   */
  record Reply(Kind kind, String text, Meaning meaning) {
    boolean inStep() {
      return kind != Kind.EXTRA && kind != Kind.MIXED && kind != Kind.JUNK && kind != Kind.EMPTY;
    }
  }

  private static final List<String> CODES =
      List.of(
          "250 2.0.0 ok",
          "251 forwarded",
          "354 go on",
          "211 help",
          "421 4.3.2 closing",
          "421 bye",
          "450 4.2.1 later",
          "451 4.3.0 later",
          "452 4.3.1 full",
          "452 4.2.2 over quota",
          "454 4.7.0 later",
          "500 what",
          "501 5.5.4 syntax",
          "502 no",
          "503 5.5.1 sequence",
          "550 5.1.1 no such user",
          "550 5.7.1 no",
          "552 5.3.4 too big",
          "553 5.1.8 sender",
          "554 5.6.0 content",
          "554 no",
          "571 no",
          "559 5.9.9 " + "\u00ff\u0000\u001b[31m");

  private static final List<String> LOGINS =
      List.of("530 5.7.0 log in", "535 5.7.8 no", "534 5.7.9 no", "538 5.7.11 no");

  private static final List<String> EXTRAS =
      List.of("250 extra", "250 more", "354 extra", "220 extra", "421 extra", "550 5.1.1 extra");

  private final Random random;
  private final Socket socket;
  private final boolean logins;

  WildReplies(Random random, Socket socket, boolean logins) {
    this.random = random;
    this.socket = socket;
    this.logins = logins;
  }

  static Reply usual(String text) {
    return new Reply(Kind.USUAL, text + "\r\n", Meaning.YES);
  }

  Reply next(String usual) {
    if (random.nextInt(100) < 82) {
      return usual(usual);
    }
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    String code = usual.substring(0, 3);
    return switch (kind) {
      case USUAL -> usual(usual);
      case CODE -> {
        String other = pick(logins && random.nextInt(8) == 0 ? LOGINS : CODES);
        yield new Reply(kind, other + "\r\n", meaning(code, other));
      }
      case LINES -> {
        String other =
            random.nextBoolean() ? usual.substring(usual.lastIndexOf('\n') + 1) : pick(CODES);
        String more = other.substring(0, 3) + "-" + "more".repeat(random.nextInt(30)) + "\r\n";
        yield new Reply(
            kind, more.repeat(random.nextInt(20)) + other + "\r\n", meaning(code, other));
      }
      case MIXED ->
          new Reply(
              kind,
              pick(CODES).replaceFirst(" ", "-") + "\r\n" + pick(CODES) + "\r\n",
              Meaning.UNCLEAR);
      case ENDLESS ->
          new Reply(kind, (code + "-more and more\r\n").repeat(20_000), Meaning.UNCLEAR);
      case BYTES -> new Reply(kind, usual + "\r\n", Meaning.YES);
      case JUNK -> new Reply(kind, junk() + "\r\n", Meaning.UNCLEAR);
      case CLOSE, SILENCE -> new Reply(kind, "", Meaning.UNCLEAR);
      case EXTRA ->
          new Reply(
              kind,
              usual
                  + "\r\n"
                  + IntStream.rangeClosed(0, random.nextInt(4))
                      .mapToObj(i -> pick(EXTRAS) + "\r\n")
                      .collect(Collectors.joining()),
              Meaning.YES);
      case HUGE ->
          new Reply(
              kind,
              usual + " " + "x".repeat(1 + random.nextInt(150_000)) + "\r\n",
              Meaning.UNCLEAR);
      case BARE_LF -> new Reply(kind, usual + "\n", Meaning.YES);
      case CUT ->
          new Reply(kind, usual.substring(0, random.nextInt(usual.length())), Meaning.UNCLEAR);
      case EMPTY ->
          new Reply(kind, "\r\n".repeat(1 + random.nextInt(3)) + usual + "\r\n", Meaning.UNCLEAR);
      case ODD_CODE ->
          new Reply(
              kind,
              pick(
                      List.of(
                          "25", "2500 x", "999 x", "000 x", "-50 x", "2x0 x", "250", "1", "250\tx"))
                  + "\r\n",
              Meaning.UNCLEAR);
    };
  }

  /** Whether it says the same as the code that is wanted, to a client that knows the code only. */
  private static Meaning meaning(String wanted, String other) {
    boolean same = other.startsWith(wanted);
    boolean alike = wanted.startsWith("250") && other.startsWith("2");
    return same ? Meaning.YES : alike ? Meaning.UNCLEAR : Meaning.NO;
  }

  private String junk() {
    byte[] bytes = new byte[1 + random.nextInt(300)];
    random.nextBytes(bytes);
    return new String(bytes, ISO_8859_1);
  }

  String extensions() {
    List<String> all =
        List.of(
            "SIZE 10",
            "SIZE",
            "SIZE 99999999999999999999",
            "SMTPUTF8",
            "PIPELINING",
            "CHUNKING",
            "STARTTLS",
            "AUTH PLAIN LOGIN",
            "AUTH=LOGIN",
            "AUTH",
            "DSN",
            "ENHANCEDSTATUSCODES",
            "BINARYMIME",
            "XCLIENT NAME",
            "\u00ff\u0000",
            "");
    return all.stream()
        .filter(each -> random.nextInt(4) == 0)
        .map(each -> "250-" + each + "\r\n")
        .collect(Collectors.joining());
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** Throws an IOException where the conversation ends with it. */
  void send(Reply reply, InputStream in) throws IOException {
    OutputStream out = socket.getOutputStream();
    byte[] bytes = reply.text().getBytes(ISO_8859_1);
    switch (reply.kind()) {
      case BYTES -> {
        for (byte each : bytes) {
          out.write(each);
          LockSupport.parkNanos(100_000);
        }
      }
      case CLOSE -> throw new IOException("closed");
      case SILENCE, ENDLESS, CUT -> {
        out.write(bytes);
        if (reply.kind() == Kind.CUT && random.nextBoolean()) {
          throw new IOException("closed");
        }
        in.transferTo(OutputStream.nullOutputStream()); // until the client leaves
        throw new IOException("left");
      }
      default -> out.write(bytes);
    }
  }
}
