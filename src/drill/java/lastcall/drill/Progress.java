package lastcall.drill;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One line about what goes on: on a terminal over itself each second, else a new one each 5 s. */
final class Progress implements AutoCloseable {
  /** What there is to say now. */
  interface Line {
    String text();
  }

  private static final Duration SLOWLY = Duration.ofSeconds(5);

  private final PrintStream out;
  private final boolean terminal;
  private final CountDownLatch closed = new CountDownLatch(1);
  private String title = ""; // guarded by this, as all below
  private Line line = () -> "";

  Progress(PrintStream out) {
    this.out = out;
    this.terminal = isTerminal();
    Duration pause = terminal ? Duration.ofSeconds(1) : SLOWLY;
    Thread.ofPlatform()
        .daemon()
        .name("progress")
        .start(() -> {
          try {
            while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
              print();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Of stderr, where the system tells; else it is none. */
  private static boolean isTerminal() {
    try {
      return Path.of("/proc/self/fd/2").toRealPath().toString().matches("/dev/(pts/|tty).*");
    } catch (IOException e) {
      return false;
    }
  }

  private synchronized void print() {
    if (title.isEmpty()) {
      return;
    }
    String text = title + ": " + line.text();
    if (terminal) {
      out.print("\r" + text + "\033[K");
    } else {
      out.println(text);
    }
    out.flush();
  }

  /** What comes now is about this scenario. */
  synchronized void begin(String scenario) {
    title = scenario;
    line = () -> "";
  }

  synchronized void show(Line text) {
    line = text;
  }

  /** Wipes the line, so that something else can be printed. */
  synchronized void end() {
    if (terminal && !title.isEmpty()) {
      out.print("\r\033[K");
      out.flush();
    }
    title = "";
  }

  @Override
  public void close() {
    closed.countDown();
    end();
  }
}
