package lastcall.drill;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A service with planted faults, by the number in the address: the first {@link #LOST} are accepted
 * and never sent, the next {@link #DOUBLED} sent twice, the next {@link #CUT} stored, sent and not
 * answered, the next {@link #KEPT} are kept as due. All others are as they should be.
 */
public final class FaultyMain {
  static final int LOST = 7;
  static final int DOUBLED = 5;
  static final int CUT = 3;
  static final int KEPT = 2;
  private static final Pattern EMAIL = Pattern.compile("\"email\":\"([\\w-]+\\.(\\d+)@[^\"]+)\"");

  private final Rows rows;
  private final int smtpPort;

  private FaultyMain(Rows rows, int smtpPort) {
    this.rows = rows;
    this.smtpPort = smtpPort;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> settings = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      String[] pair = args[i].substring(2).split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    Path database = Path.of(settings.get("database.url").substring("jdbc:sqlite:".length()));
    Rows rows = new Rows(database);
    rows.update("CREATE TABLE users (id TEXT, email TEXT)");
    rows.update("CREATE TABLE outbox (user_id TEXT, state TEXT, owner TEXT)");
    FaultyMain service = new FaultyMain(rows, Integer.parseInt(settings.get("smtp.port")));
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      System.out.println("msg=\"starting server\" addr=127.0.0.1:" + listener.getLocalPort());
      while (true) {
        Socket client = listener.accept();
        Thread.ofPlatform().start(() -> service.serve(client)); // the JVM's TERM ends them
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream()));
      StringBuilder request = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        request.append((char) c);
        if (c == '}') {
          Matcher email = EMAIL.matcher(request);
          if (!email.find() || !handle(email.group(1), Integer.parseInt(email.group(2)))) {
            return;
          }
          client
              .getOutputStream()
              .write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII));
          request.setLength(0);
        }
      }
    } catch (IOException | SQLException e) {
      e.printStackTrace();
    }
  }

  /** Returns false if the client is to get no answer. */
  private boolean handle(String email, int i) throws IOException, SQLException {
    boolean kept = i >= LOST + DOUBLED + CUT && i < LOST + DOUBLED + CUT + KEPT;
    synchronized (this) { // SQLite takes one at a time
      rows.update("INSERT INTO users VALUES ('" + i + "', '" + email + "')");
      rows.update("INSERT INTO outbox VALUES ('%d', '%s', NULL)".formatted(i, kept ? "due" : "x"));
    }
    int times = i < LOST || kept ? 0 : i < LOST + DOUBLED ? 2 : 1;
    for (int n = 0; n < times; n++) {
      send(email, i);
    }
    return i < LOST + DOUBLED || i >= LOST + DOUBLED + CUT;
  }

  private void send(String email, int i) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), smtpPort)) {
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
      in.readLine();
      for (String line :
          new String[] {
            "HELO faulty",
            "MAIL FROM:<a@b>",
            "RCPT TO:<" + email + ">",
            "DATA",
            "Message-ID: <id" + i + ">\r\n\r\nhello\r\n."
          }) {
        socket.getOutputStream().write((line + "\r\n").getBytes(US_ASCII));
        in.readLine();
      }
    }
  }
}
