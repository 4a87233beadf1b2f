package lastcall.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads one request from a connection and hands it on to Helidon, which sees one plain form of
 * HTTP/1.1 only. What the RFCs allow and Helidon refuses, such as HTTP/1.0 and chunk extensions, is
 * rewritten. What Helidon takes and the RFCs forbid, such as a chunk of size "+5", is refused: a
 * proxy that reads it in another way would be led to take a part of a body for a second request.
 *
 * <p>This class alone decides where the request ends. Helidon gets no byte behind that.
 */
final class RequestReader implements Supplier<byte[]> {
  static final int MAX_LINE = 4 * 1024;
  static final int MAX_HEADERS = 16 * 1024;

  private static final Status HEADERS_TOO_LARGE =
      Status.create(431, "Request Header Fields Too Large");
  // No target that is only a host and a port: that is for proxies, and Helidon answers it with 500.
  private static final Pattern REQUEST_LINE =
      Pattern.compile(
          "([!#-'*+.^_`|~0-9A-Za-z-]+ (?:[/*]|(?i:https?)://)[!-~]* HTTP/)([0-9])[.]([0-9])");
  private static final Pattern HEADER =
      Pattern.compile("([!#-'*+.^_`|~0-9A-Za-z-]+):([\t -~\\x80-\\xff]*)");
  private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})[ \t]*(;.*)?");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,15}");

  /** Headers that this class reads and writes anew. */
  private static final Set<String> OURS =
      Set.of("content-length", "transfer-encoding", "content-encoding");

  /** Headers that HTTP/1.0 does not have, or that mean something else there. */
  private static final Set<String> NOT_IN_10 = Set.of("host", "connection", "keep-alive", "expect");

  private final DataReader in;
  private boolean headRead;
  private boolean chunked;
  private long left; // bytes of the body, or of the chunk, that still have to be read
  private String endOfChunk = "";
  private int room = MAX_HEADERS; // for headers, and then for chunk extensions and trailers
  private volatile String origin = "";

  RequestReader(DataReader in) {
    this.in = in;
  }

  /** The header Origin, which browsers send; "" until it was read, or without one. */
  String origin() {
    return origin;
  }

  /** The next bytes for Helidon. */
  @Override
  public byte[] get() {
    if (!headRead) {
      headRead = true;
      return head().getBytes(ISO_8859_1);
    }
    if (left > 0) {
      in.ensureAvailable();
      byte[] piece = in.readBytes((int) Math.min(left, in.available()));
      left -= piece.length;
      return piece;
    }
    if (chunked) {
      return chunk().getBytes(ISO_8859_1);
    }
    throw new DataReader.InsufficientDataAvailableException(); // the request ends here
  }

  private String head() {
    String line = ""; // TLS begins with a control character, and may hold no end of a line
    if (in.lookup() >= '!') {
      line = line(MAX_LINE, Status.REQUEST_URI_TOO_LONG_414, "the request line may have 4 KiB");
    }
    Matcher first = REQUEST_LINE.matcher(line);
    if (!first.matches()) {
      throw bad("the request line must be METHOD TARGET HTTP/1.1, and TLS is not spoken here");
    }
    if (!first.group(2).equals("1")) {
      throw refused(Status.HTTP_VERSION_NOT_SUPPORTED_505, "only HTTP/1.1 and 1.0 are spoken here");
    }
    boolean http10 = first.group(3).equals("0");
    StringBuilder head = new StringBuilder(1024).append(first.group(1)).append("1.1\r\n");
    Map<String, List<String>> ours = new HashMap<>();
    int number = 0;
    Matcher header = HEADER.matcher("");
    for (line = headerLine(); !line.isEmpty(); line = headerLine()) {
      number++;
      if (!header.reset(line).matches()) {
        throw bad(
            "header line "
                + number
                + " must be a name, a colon right after it, and a value without control characters");
      }
      String name = header.group(1).toLowerCase(Locale.ROOT);
      String value = header.group(2).strip();
      if (name.equals("origin")) {
        origin = value;
      }
      if (OURS.contains(name)) {
        ours.computeIfAbsent(name, n -> new ArrayList<>())
            .addAll(name.equals("content-length") ? List.of(value) : elements(value));
      } else if (!name.equals("te") && (!http10 || !NOT_IN_10.contains(name))) {
        // With "TE: trailers" Helidon sends trailers even behind a body with Content-Length, where
        // the client takes them for the next answer.
        head.append(line).append("\r\n");
      }
    }
    // The answer to HTTP/1.0 ends its connection, and its request may have no Host.
    head.append(http10 ? "Host: localhost\r\nConnection: close\r\n" : "");
    return head.append(framing(ours, http10)).append("\r\n").toString();
  }

  private static List<String> elements(String list) {
    return Stream.of(list.toLowerCase(Locale.ROOT).split(",", -1))
        .map(String::strip)
        .filter(element -> !element.isEmpty())
        .toList();
  }

  /** Where the body ends (RFC 9112, 6.3). Returns the header that tells Helidon. */
  private String framing(Map<String, List<String>> headers, boolean http10) {
    if (!Set.of("identity").containsAll(headers.getOrDefault("content-encoding", List.of()))) {
      throw refused(
          Status.UNSUPPORTED_MEDIA_TYPE_415,
          "send the body as it is, without Content-Encoding",
          HeaderValues.create(HeaderNames.ACCEPT_ENCODING, "identity"));
    }
    List<String> codings = headers.get("transfer-encoding");
    List<String> lengths = headers.get("content-length");
    if (codings != null) {
      if (http10 || lengths != null) {
        throw bad("Transfer-Encoding does not go with Content-Length, nor with HTTP/1.0");
      }
      if (!codings.equals(List.of("chunked"))) {
        throw bad("the only Transfer-Encoding known here is chunked");
      }
      chunked = true;
      room = MAX_HEADERS;
      return "Transfer-Encoding: chunked\r\n";
    }
    if (lengths == null) {
      return "";
    }
    if (lengths.size() != 1 || !LENGTH.matcher(lengths.getFirst()).matches()) {
      throw bad("send one Content-Length, a number of bytes");
    }
    left = Long.parseLong(lengths.getFirst());
    return "Content-Length: " + left + "\r\n";
  }

  /** The size of the next chunk, without its extensions; or the end of the body and no trailers. */
  private String chunk() {
    String end = endOfChunk;
    boolean ended = end.isEmpty() || chunkLine().isEmpty();
    Matcher size = CHUNK.matcher(ended ? chunkLine() : "");
    if (!size.matches()) {
      throw bad("a chunk must be its size in hexadecimal, CR LF, so many bytes, and CR LF");
    }
    room -= size.end() - size.end(1);
    left = Long.parseLong(size.group(1), 16);
    endOfChunk = "\r\n";
    if (left > 0) {
      return end + Long.toHexString(Math.min(left, Integer.MAX_VALUE)) + "\r\n";
    }
    chunked = false;
    while (!headerLine().isEmpty()) {} // trailers, which nobody here needs
    return end + "0\r\n\r\n";
  }

  private String chunkLine() {
    return line(room, Status.BAD_REQUEST_400, "all chunk extensions together may have 16 KiB");
  }

  private String headerLine() {
    String line = line(room, HEADERS_TOO_LARGE, "all headers together may have 16 KiB");
    room -= line.length() + 2;
    return line;
  }

  /**
   * @param most how many bytes it may have; {@code limit} says so to the client
   */
  private String line(int most, Status tooLong, String limit) {
    try {
      int length = most > 0 ? in.findNewLine(most) : most;
      if (length >= most) {
        throw refused(tooLong, limit + " at most");
      }
      String line = new String(in.readBytes(length), ISO_8859_1);
      in.skip(2);
      return line;
    } catch (DataReader.IncorrectNewLineException e) {
      throw bad("lines outside the body end with CR LF, and hold neither alone");
    }
  }

  private static RequestException bad(String detail) {
    return refused(Status.BAD_REQUEST_400, detail);
  }

  private static RequestException refused(Status status, String detail, Header... headers) {
    RequestException.Builder refusal =
        RequestException.builder().type(DirectHandler.EventType.BAD_REQUEST).status(status);
    for (Header header : headers) {
      refusal.header(header);
    }
    return refusal.message(detail).build();
  }
}
