package lastcall.shutdown;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A small service for {@link TerminationSignalsTest}: says what it does, and is told by stdin. */
final class SignalledMain {
  private SignalledMain() {}

  public static void main(String[] args) throws Exception {
    var signals =
        new TerminationSignals(
            Duration.parse(args[1]),
            status -> System.out.println("stopped server forced=true status=" + status),
            Runtime.getRuntime()::halt);
    if (args[0].equals("flood")) {
      Thread flood = new Thread(SignalledMain::flood);
      flood.setDaemon(true);
      flood.start();
    }
    Thread.ofVirtual().start(SignalledMain::readASocket);
    if (args[0].startsWith("exit")) {
      new Thread(SignalledMain::exitWhenTold).start();
    }
    System.err.println("ready"); // stdout may be full
    TerminationSignals.Received signal = signals.await();
    say("draining " + signal.name() + " " + signal.number() + " " + signals.received());
    if (args[0].endsWith("hang") || args[0].equals("flood")) {
      awaitEndOf(signal);
      say("burst over");
      new CountDownLatch(1).await();
    }
    if (args[0].equals("drain")) {
      awaitEndOf(signal);
    }
    for (int line = 1; line <= 20; line++) {
      say("line " + line);
    }
    signals.done();
    System.exit(0);
  }

  private static void awaitEndOf(TerminationSignals.Received signal) throws InterruptedException {
    Deadline burst = signal.arrived().plus(TerminationSignals.BURST);
    while (!burst.passed()) {
      new CountDownLatch(1).await(burst.remaining().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private static void say(String line) {
    System.err.println(line);
  }

  private static void flood() {
    while (true) {
      System.out.println("a line that nobody reads");
    }
  }

  /** As every service with virtual threads does: from then on a thread polls in native code. */
  private static void readASocket() {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket silent = new Socket(server.getInetAddress(), server.getLocalPort())) {
      silent.getInputStream().read();
    } catch (IOException e) {
      e.printStackTrace();
    }
  }

  private static void exitWhenTold() {
    try {
      System.in.read();
    } catch (IOException e) {
      e.printStackTrace();
    }
    System.exit(3);
  }
}
