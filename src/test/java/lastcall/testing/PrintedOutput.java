package lastcall.testing;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * Adds to a failure what its test has printed. Surefire writes that to a file for each class, and
 * Maven's output shows none of it. JUnit finds this class by META-INF/services.
 */
public final class PrintedOutput implements BeforeEachCallback, AfterEachCallback {
  private static final int LENGTH = 4_000;

  @Override
  public void beforeEach(ExtensionContext test) {
    // The console handler of java.util.logging keeps the System.err that it has found, so both
    // streams are replaced once and stay.
    if (System.out instanceof Tee tee) {
      tee.tail.setLength(0);
      return;
    }
    StringBuffer tail = new StringBuffer();
    System.setOut(new Tee(System.out, tail));
    System.setErr(new Tee(System.err, tail));
  }

  @Override
  public void afterEach(ExtensionContext test) {
    Throwable thrown = test.getExecutionException().orElse(null);
    String last = System.out instanceof Tee tee ? tee.tail.toString() : "";
    if (thrown != null && !last.isEmpty() && !(thrown instanceof TestAbortedException)) {
      String file = "target/surefire-reports/" + test.getRequiredTestClass().getName();
      thrown.addSuppressed(
          new Exception("its output is in " + file + "-output.txt and ends with\n" + last));
    }
  }

  /** Prints to what was there before, and keeps the last characters of both streams. */
  private static final class Tee extends PrintStream {
    private final StringBuffer tail;

    Tee(PrintStream before, StringBuffer tail) {
      super(before, true);
      this.tail = tail;
    }

    @Override
    public void write(byte[] bytes, int from, int count) { // print and println come here, too
      super.write(bytes, from, count);
      tail.append(new String(bytes, from, count, StandardCharsets.UTF_8));
      tail.delete(0, Math.max(0, tail.length() - LENGTH));
    }
  }
}
