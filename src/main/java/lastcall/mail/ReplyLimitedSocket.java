package lastcall.mail;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * The TCP connection, which gives up on a reply that has no end. Angus collects all lines of a
 * reply in memory, however many come, and a server that never ends one would take the whole heap.
 * The bytes are counted below TLS, so a handshake is bounded as well.
 */
final class ReplyLimitedSocket extends Socket {
  /** RFC 5321 allows a line 512 bytes, and replies with TLS around them are a few KiB at most. */
  private static final int MAX_REPLY = 64 * 1024;

  private int left = MAX_REPLY; // only the thread that sends reads and changes these two
  private boolean read;

  /** The next bytes belong to another reply. A connection that has gone over stays unusable. */
  void replyBegins() {
    read = false;
    if (left > 0) {
      left = MAX_REPLY;
    }
  }

  /** Whether nothing was read since then: all of the reply had come with an earlier one. */
  boolean replyWasThere() {
    return !read;
  }

  /** Whether the server has sent more than was read. Below TLS that need not be a reply. */
  boolean hasMore() {
    try {
      return super.getInputStream().available() > 0;
    } catch (IOException e) {
      return false; // closed: the next write fails
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        int read = in.read();
        count(read < 0 ? 0 : 1);
        return read;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int read = in.read(into, offset, length);
        count(Math.max(read, 0));
        return read;
      }
    };
  }

  static void closeQuietly(@Nullable Socket socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // The connection is given up, whether its close worked or not.
    }
  }

  private void count(int bytes) throws KnownFailure {
    read = true;
    left -= bytes;
    if (left <= 0) {
      throw new KnownFailure("reply longer than " + MAX_REPLY / 1024 + " KiB", "");
    }
  }
}
