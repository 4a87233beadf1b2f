package lastcall;

/** A placeholder until the service is there. */
final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("lastcall on Java " + Runtime.version() + " " + String.join(",", args));
  }
}
