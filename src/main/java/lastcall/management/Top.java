package lastcall.management;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code lastcall top}: the state of a service in a terminal, each second, until its process is
 * gone. The service writes the text, so a terminal shows what the page shows.
 */
public final class Top {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int FAILED = 1;

  private static final String RED = "\u001b[31m";
  private static final String YELLOW = "\u001b[33m";
  private static final String PLAIN = "\u001b[0m";
  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final PrintStream out;
  private final PrintStream err;
  private final URI page;
  private final @Nullable String token;
  private final boolean terminal;

  /**
   * @param url of the management port, such as {@code http://localhost:8081}
   * @param terminal whether {@code out} is one: then the screen is drawn anew each second, and
   *     otherwise a line is added
   */
  public Top(PrintStream out, PrintStream err, URI url, @Nullable String token, boolean terminal) {
    this.out = out;
    this.err = err;
    this.page = url.resolve(terminal ? "/" : "/?format=line");
    this.token = token;
    this.terminal = terminal;
  }

  /** Whether this process writes to a terminal. */
  public static boolean isTerminal() throws InterruptedException {
    try {
      return new ProcessBuilder("test", "-t", "1").inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the exit status: 0 when the process was seen and is gone. */
  public int run() throws InterruptedException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(page).timeout(PATIENCE).header("Accept", "text/plain");
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    String last = "";
    while (true) {
      try {
        HttpResponse<String> answer =
            client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
          return refused(answer.statusCode());
        }
        last = answer.body();
        show(last);
      } catch (ConnectException e) {
        return gone(last, e);
      } catch (IOException e) { // slow, or it has died in the middle of an answer
        if (last.isEmpty()) {
          return gone(last, e);
        }
        out.println(now() + " no answer, asking again: " + e.getMessage());
      }
      Thread.sleep(TICK);
    }
  }

  private int refused(int status) {
    err.println(
        status == 401
            ? "lastcall top: the token is missing or wrong: set MANAGEMENT_TOKEN, or"
                + " MANAGEMENT_TOKEN_FILE to the file that holds it"
            : "lastcall top: " + page + " answered " + status + ": is it a management port?");
    return FAILED;
  }

  private int gone(String last, IOException e) {
    if (last.isEmpty()) {
      err.println(
          "lastcall top: nothing answers at "
              + page
              + (e.getMessage() == null ? "" : ": " + e.getMessage())
              + "; --url names another management port");
      return FAILED;
    }
    out.println(now() + " the process is gone; what is above is the last that it said");
    return 0;
  }

  private void show(String text) {
    if (!terminal) {
      out.println(now() + " " + text.strip());
      return;
    }
    StringBuilder screen = new StringBuilder(CLEAR);
    int[] size = size();
    List<String> lines = text.lines().toList();
    int shown = Math.min(lines.size(), Math.max(1, size[0] - 2));
    for (String line : lines.subList(0, shown)) {
      String colour = colour(line);
      String cut = line.substring(0, Math.min(line.length(), size[1]));
      screen.append(colour).append(cut).append(colour.isEmpty() ? "" : PLAIN).append('\n');
    }
    if (shown < lines.size()) {
      screen.append("… ").append(lines.size() - shown).append(" lines more\n");
    }
    out.print(screen);
    out.flush();
  }

  private static String colour(String line) {
    if (line.matches(".*(IN TROUBLE|PROBLEM|PAUSED|FAILED|NOT FIT|waits for the answer).*")) {
      return RED;
    }
    return line.matches(".*(STOPPING|would be cut).*") ? YELLOW : "";
  }

  /** Lines and columns of the terminal, as it is now. */
  private static int[] size() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      String[] words =
          new String(
                  stty.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII)
              .strip()
              .split(" ", 2);
      if (words.length == 2 && !words[0].equals("0")) {
        return new int[] {Integer.parseInt(words[0]), Integer.parseInt(words[1])};
      }
    } catch (IOException | NumberFormatException e) {
      // No stty, or standard input is no terminal: what most terminals have at least.
    }
    return new int[] {40, 120};
  }

  private static String now() {
    return DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT)
        .format(LocalTime.now(ZoneId.systemDefault()));
  }
}
