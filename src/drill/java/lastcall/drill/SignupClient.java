package lastcall.drill;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A keep-alive client that knows exactly how each request ended. */
public final class SignupClient implements AutoCloseable {
  /** How a request ended; {@code headers} in lower case. */
  public record Answer(int status, Map<String, String> headers, String body) {
    /** Nobody listens: the request was not sent. */
    public static final int NOT_SENT = 0;

    /** The connection ended before the first byte of an answer. */
    public static final int UNANSWERED = -1;

    /** It ended within the answer. */
    public static final int TORN = -2;

    boolean closes() {
      return "close".equals(headers.get("connection"));
    }

    /** What Retry-After asks for, or a second. */
    Duration retryAfter() {
      return Duration.ofSeconds(Long.parseLong(headers.getOrDefault("retry-after", "1")));
    }

    private static Answer none(int why) {
      return new Answer(why, Map.of(), "");
    }
  }

  private int port;
  private @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream(); // the socket's
  private int onThisConnection;

  public SignupClient(int port) {
    this.port = port;
  }

  /** The next request goes there. */
  void moveTo(int other) throws IOException {
    close();
    port = other;
  }

  /** How many requests went over the connection, or the one that has just ended. */
  public int onThisConnection() {
    return onThisConnection;
  }

  /** Sends one sign-up and reads its answer, for which it waits 30 s at most. */
  public Answer signUp(String email) throws IOException {
    return signUp(email, "");
  }

  /** The same, so that it can be repeated: the service knows the second try by its key. */
  Answer signUpWithKey(String email, String idempotencyKey) throws IOException {
    return signUp(email, "Idempotency-Key: " + idempotencyKey + "\r\n");
  }

  /**
   * @param header a line, or several, each with its CRLF
   */
  public Answer signUp(String email, String header) throws IOException {
    String body = "{\"name\":\"Ada\",\"email\":\"" + email + "\",\"password\":\"correct horse\"}";
    return send(
        "POST /v1/users HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
            + (header + "Content-Length: " + body.length() + "\r\n\r\n" + body));
  }

  private Answer send(String request) throws IOException {
    Socket connection = socket;
    if (connection == null) {
      try {
        connection = new Socket(InetAddress.getLoopbackAddress(), port);
        connection.setSoTimeout((int) ServiceProcess.GUARD.toMillis());
        connection.setTcpNoDelay(true);
      } catch (SocketException e) { // refused; or reset, when the listener closes just then
        return Answer.none(Answer.NOT_SENT);
      }
      socket = connection;
      in = new BufferedInputStream(connection.getInputStream());
      onThisConnection = 0;
    }
    onThisConnection++;
    int first = -1;
    try {
      connection.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      first = in.read();
      Answer answer = first < 0 ? Answer.none(Answer.UNANSWERED) : read();
      if (first < 0 || answer.closes()) {
        close();
      }
      return answer;
    } catch (SocketException | EOFException e) { // reset, or torn
      close();
      return Answer.none(first < 0 ? Answer.UNANSWERED : Answer.TORN);
    }
  }

  private Answer read() throws IOException {
    String status = line(); // its first letter is read already
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      String[] parts = line.split(": *", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    return new Answer(
        Integer.parseInt(status.split(" ", -1)[1]),
        headers,
        new String(body, StandardCharsets.UTF_8));
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException();
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    Socket connection = socket;
    socket = null;
    if (connection != null) {
      connection.close();
    }
  }
}
