package lastcall;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import lastcall.config.PrivateFiles;

/**
 * One process per database file: holds {@code lastcall.pid} beside it, with the pid in it, until
 * exit. The kernel drops the locks of a killed process, so a stale file never shuts anybody out.
 */
public final class ProcessLock implements AutoCloseable {
  /** Locked bytes far behind the text, so that the file can be read anywhere while it is held. */
  private static final long RUNNING = Long.MAX_VALUE - 2;

  private static final long DRAINING = Long.MAX_VALUE - 1;

  private final FileChannel channel;
  private final boolean afterAStop;
  private volatile boolean stopped;

  private ProcessLock(FileChannel channel, boolean afterAStop) {
    this.channel = channel;
    this.afterAStop = afterAStop;
  }

  /**
   * @throws IOException when another process holds it (the message names it and says whether it is
   *     draining), or the directory can't be written to
   */
  public static ProcessLock acquire(Path directory) throws IOException {
    Path file = PrivateFiles.file(PrivateFiles.directory(directory).resolve("lastcall.pid"));
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      PrivateFiles.closeToOthers(file);
      FileLock lock = channel.tryLock(RUNNING, 1, false);
      if (lock == null) {
        throw new IOException(
            (directory + " is in use by process " + holder(file))
                + (", which is " + (draining(channel) ? "draining" : "serving"))
                + "; wait for its end, stop it, or name another directory in database.url");
      }
      boolean afterAStop = channel.size() == 0; // a killed process leaves its pid behind
      channel.truncate(0);
      String pid = ProcessHandle.current().pid() + "\n";
      try {
        channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      } catch (IOException e) { // a full disk; the message does not name the file
        throw new FileSystemException(file.toString(), null, e.getMessage());
      }
      return new ProcessLock(channel, afterAStop);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** True unless the last process that held it was killed, or ended by force. */
  public boolean afterAStop() {
    return afterAStop;
  }

  private static String holder(Path file) throws IOException {
    String pid = Files.readString(file).strip();
    return pid.isEmpty() ? "(just starting or ending)" : pid;
  }

  private static boolean draining(FileChannel channel) throws IOException {
    try (FileLock lock = channel.tryLock(DRAINING, 1, false)) {
      return lock == null;
    }
  }

  /**
   * The stop has begun. From now on the refusal of another process says that this one is draining,
   * and the next start takes the end of this one for a stop.
   */
  public void markDraining() throws IOException {
    stopped = true;
    // Null only if another process is asking in this very moment; then it reads "draining" anyway.
    channel.tryLock(DRAINING, 1, false);
  }

  /**
   * Empties the file, so that {@code kill $(cat …)} can't hit a stranger who got our pid, and drops
   * the lock. The file stays: deleting it would let two processes lock two files of one name.
   */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (channel.isOpen()) { // closed twice is closed
        channel.truncate(0);
        if (!afterAStop && !stopped) { // our start failed: the next one must know of the kill
          channel.write(ByteBuffer.wrap("killed\n".getBytes(StandardCharsets.US_ASCII)), 0);
        }
      }
    }
  }
}
