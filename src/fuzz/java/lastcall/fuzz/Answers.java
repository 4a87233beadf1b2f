package lastcall.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads answers and forgives nothing (RFC 9112). */
final class Answers {
  /** One answer; header names in lower case, the body as Latin-1. */
  record Answer(int status, Map<String, String> headers, String body) {
    boolean isFinal() {
      return status >= 200;
    }

    boolean closes() {
      return "close".equalsIgnoreCase(headers.get("connection"));
    }
  }

  /** What a server of ours must never send. */
  static final class Broken extends IOException {
    private static final long serialVersionUID = 1;

    Broken(String what) {
      super(what);
    }
  }

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([1-5]\\d\\d) [ -~]*");
  private static final Pattern HEADER =
      Pattern.compile("([!#-'*+.^_`|~0-9A-Za-z-]+): ([!-~](?:[ -~]*[!-~])?)?");
  private static final Pattern LENGTH = Pattern.compile("0|[1-9]\\d{0,6}");

  private static final Set<String> ONCE =
      Set.of(
          "access-control-allow-origin",
          "connection",
          "content-length",
          "content-type",
          "location",
          "retry-after",
          "transfer-encoding");

  private final InputStream in;

  Answers(InputStream in) {
    this.in = in;
  }

  /**
   * The next answer, or null at the end of the connection. An EOFException says that it ended in
   * the middle of an answer.
   *
   * @param head it answers a HEAD, so no body follows
   */
  @Nullable Answer next(boolean head) throws IOException {
    String first = line(true);
    if (first == null) {
      return null;
    }
    Matcher status = STATUS.matcher(first);
    if (!status.matches()) {
      throw new Broken("not a status line: " + Exchange.escaped(first));
    }
    int code = Integer.parseInt(status.group(1));
    Map<String, String> headers = new HashMap<>();
    for (String line = line(false); line != null && !line.isEmpty(); line = line(false)) {
      Matcher header = HEADER.matcher(line);
      if (!header.matches()) {
        throw new Broken("not a header: " + Exchange.escaped(line));
      }
      String name = header.group(1).toLowerCase(Locale.ROOT);
      String value = header.group(2) == null ? "" : header.group(2);
      if (headers.put(name, value) != null && ONCE.contains(name)) {
        throw new Broken("twice: " + Exchange.escaped(line));
      }
    }
    boolean none = head || code < 200 || code == 204 || code == 304;
    Answer answer = new Answer(code, headers, none ? "" : body(headers));
    if (code >= 400 && "application/problem+json".equals(headers.get("content-type")) && !none) {
      boolean whole = answer.body().startsWith("{") && answer.body().strip().endsWith("}");
      if (!whole || !answer.body().contains("\"status\":" + code)) {
        throw new Broken("not the problem it says: " + Exchange.escaped(answer.body()));
      }
    }
    return answer;
  }

  private String body(Map<String, String> headers) throws IOException {
    String length = headers.get("content-length");
    String coding = headers.get("transfer-encoding");
    if ((length == null) == (coding == null)) {
      throw new Broken("where does the answer end? " + headers);
    }
    if (coding != null) {
      if (!coding.equals("chunked")) {
        throw new Broken("Transfer-Encoding: " + coding);
      }
      return chunks();
    }
    if (!LENGTH.matcher(length).matches()) {
      throw new Broken("Content-Length: " + length);
    }
    return bytes(Integer.parseInt(length));
  }

  private String chunks() throws IOException {
    StringBuilder body = new StringBuilder();
    for (int size = chunkSize(); size > 0; size = chunkSize()) {
      body.append(bytes(size));
      endOfLine();
    }
    endOfLine();
    return body.toString();
  }

  private int chunkSize() throws IOException {
    String size = line(false);
    try {
      return Integer.parseInt(size, 16);
    } catch (NumberFormatException e) {
      throw new Broken("not the size of a chunk: " + Exchange.escaped("" + size));
    }
  }

  private void endOfLine() throws IOException {
    String line = line(false);
    if (line == null || !line.isEmpty()) {
      throw new Broken("behind a chunk: " + Exchange.escaped("" + line));
    }
  }

  private String bytes(int length) throws IOException {
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException(body.length + " of " + length + " bytes of a body");
    }
    return new String(body, ISO_8859_1);
  }

  /**
   * @param mayEnd the connection may end here, and then this is null
   */
  private @Nullable String line(boolean mayEnd) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 && mayEnd && line.size() == 0) {
        return null;
      }
      if (c < 0) {
        throw new EOFException("in the line " + Exchange.escaped(line.toString(ISO_8859_1)));
      }
      line.write(c);
    }
    String text = line.toString(ISO_8859_1);
    if (!text.endsWith("\r")) {
      throw new Broken("LF without CR: " + Exchange.escaped(text));
    }
    return text.substring(0, text.length() - 1);
  }
}
