package lastcall.catcher;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What an SMTP client sends, line by line, with a bound on each. Only CRLF ends a line. */
final class SmtpLines {
  private static final int MAX_TEXT_LINE = 1 << 20;
  private final InputStream in;
  private final byte[] buffer = new byte[8_192];
  private int position;
  private int limit;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
  private boolean tooLong;

  SmtpLines(InputStream in) {
    this.in = in;
  }

  /** Reads the next line, of which it keeps {@code max} bytes; false at the end. */
  boolean next(int max) throws IOException {
    line.reset();
    tooLong = false;
    boolean afterCr = false;
    while (true) {
      if (position == limit) {
        position = 0;
        limit = Math.max(0, in.read(buffer));
        if (limit == 0) {
          return false;
        }
      }
      int start = position;
      while (position < limit) {
        byte b = buffer[position++];
        if (b == '\n' && afterCr) {
          keep(start, max);
          return true;
        }
        afterCr = b == '\r';
      }
      keep(start, max);
    }
  }

  private void keep(int start, int max) {
    int room = Math.max(0, max + 2 - line.size()); // the CRLF does not count
    tooLong |= position - start > room;
    line.write(buffer, start, Math.min(position - start, room));
  }

  boolean tooLong() {
    return tooLong;
  }

  /** The line without its CRLF. */
  String line() {
    return new String(bytes(), StandardCharsets.ISO_8859_1);
  }

  private byte[] bytes() {
    byte[] whole = line.toByteArray();
    return Arrays.copyOf(whole, whole.length - 2);
  }

  /** Reads up to the final dot and takes the stuffed ones out; null if it was longer than that. */
  byte @Nullable [] text(int max) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream(2_048);
    boolean fits = true;
    while (next(MAX_TEXT_LINE)) {
      byte[] bytes = line.toByteArray();
      boolean dot = bytes[0] == '.' && !tooLong;
      if (dot && bytes.length == 3) {
        return fits ? text.toByteArray() : null;
      }
      int skip = dot ? 1 : 0;
      fits &= !tooLong && text.size() + bytes.length - skip <= max;
      if (fits) {
        text.write(bytes, skip, bytes.length - skip);
      }
    }
    throw new EOFException("the client left in the middle of a text");
  }
}
