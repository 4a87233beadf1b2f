package lastcall.catcher;

/** What the mail server does where a client waits for its answer. */
public sealed interface Answer {
  /** A reply line; one that begins with 421 ends the conversation. */
  record Line(String text) implements Answer {}

  /** No word any more; the connection stays open until the client leaves. */
  record Silence() implements Answer {}

  /** The connection is closed without a word. */
  record Drop() implements Answer {}

  static Answer line(String text) {
    return new Line(text);
  }
}
