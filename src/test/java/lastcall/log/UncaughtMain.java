package lastcall.log;

/** A virtual thread and then main end by an exception that nobody catches. */
final class UncaughtMain {
  private UncaughtMain() {}

  public static void main(String[] args) throws InterruptedException {
    Logging.install();
    Thread.ofVirtual()
        .name("sender")
        .start(() -> {
          throw new IllegalStateException("on purpose");
        })
        .join();
    throw new AssertionError("as well");
  }
}
