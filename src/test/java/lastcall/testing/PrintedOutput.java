package lastcall.testing;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * Adds to a failure what its test has printed. Surefire writes that to a file for each class, and
 * Maven's output shows none of it. JUnit finds this class by META-INF/services.
 */
public final class PrintedOutput implements BeforeEachCallback, AfterEachCallback {
  private static final int LINES = 40;

  private static final class Shown extends Exception {
    private static final long serialVersionUID = 1;

    Shown(String message) {
      super(message, null, false, false);
    }

    @Override
    public String toString() {
      return getMessage();
    }
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    // The console handler of java.util.logging keeps the System.err that it has found, so both
    // streams are replaced once and stay.
    if (!(System.out instanceof Tee)) {
      Tail tail = new Tail();
      System.setOut(new Tee(System.out, tail));
      System.setErr(new Tee(System.err, tail));
    }
    ((Tee) System.out).tail.clear();
  }

  @Override
  public void afterEach(ExtensionContext test) {
    Throwable thrown = test.getExecutionException().orElse(null);
    if (thrown != null && !(thrown instanceof TestAbortedException)) {
      String file = "target/surefire-reports/" + test.getRequiredTestClass().getName();
      String last = System.out instanceof Tee tee ? tee.tail.text() : "";
      thrown.addSuppressed(
          new Shown("what it printed, also in " + file + "-output.txt, ends with\n" + last));
    }
  }

  /** The last lines of both streams. */
  private static final class Tail {
    private final Deque<String> lines = new ArrayDeque<>();
    private final StringBuilder line = new StringBuilder();

    synchronized void add(String text) {
      line.append(text);
      for (int end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
        lines.add(line.substring(0, end));
        line.delete(0, end + 1);
        if (lines.size() > LINES) {
          lines.remove();
        }
      }
    }

    synchronized void clear() {
      lines.clear();
      line.setLength(0);
    }

    synchronized String text() {
      return String.join("\n", lines) + "\n" + line;
    }
  }

  /** Prints to what was there before, and to the tail. */
  private static final class Tee extends PrintStream {
    private final Tail tail;

    Tee(PrintStream before, Tail tail) {
      super(
          new OutputStream() {
            @Override
            public void write(int b) {
              write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int count) {
              before.write(bytes, from, count);
              before.flush();
              tail.add(new String(bytes, from, count, StandardCharsets.UTF_8));
            }
          },
          true);
      this.tail = tail;
    }
  }
}
