package lastcall.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A plain socket that speaks just enough HTTP/1.1, byte by byte as the test wants it. */
public final class HttpTestClient implements AutoCloseable {
  private static final int GUARD_MS = 30_000;

  public record Response(int status, Map<String, String> headers, String body) {
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  public final Socket socket;
  private final InputStream in;

  public HttpTestClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(GUARD_MS); // a stuck test fails with "Read timed out"
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
  }

  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** The next response, or null at the end of the connection, however it ended. */
  public @Nullable Response read() throws IOException {
    return read(true);
  }

  public @Nullable Response read(boolean withBody) throws IOException {
    String status = line();
    if (status == null || status.isEmpty()) {
      return null;
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(); line != null && !line.isEmpty(); line = line()) {
      String[] parts = line.split(": *", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    int length = withBody ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new IOException("torn response: " + body.length + " of " + length + " bytes");
    }
    return new Response(
        Integer.parseInt(status.split(" ")[1]), headers, new String(body, StandardCharsets.UTF_8));
  }

  /** True when nothing but the end of the connection follows. */
  public boolean ended() throws IOException {
    try {
      return in.read() == -1;
    } catch (java.net.SocketException e) {
      return true; // reset
    }
  }

  private @Nullable String line() throws IOException {
    StringBuilder line = new StringBuilder();
    try {
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c == -1) {
          return null;
        }
        line.append((char) c);
      }
    } catch (java.net.SocketException e) {
      return null; // reset
    }
    return line.toString().strip();
  }

  public static String post(String body, String... headers) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("POST /v1/users HTTP/1.1\r\nHost: test\r\n");
    if (java.util.Arrays.stream(headers).noneMatch(h -> h.startsWith("Content-Type"))) {
      head.append("Content-Type: application/json\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
    return head + new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
