package lastcall.mail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The two forms of the welcome e-mail. {@code {name}} is their one placeholder. */
record WelcomeTemplate(String text, String html) {
  private static final String NAME = "{name}";

  static WelcomeTemplate load() {
    return new WelcomeTemplate(resource("welcome.txt"), resource("welcome.html"));
  }

  private static String resource(String file) {
    try (InputStream in = WelcomeTemplate.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("missing from the jar: " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String textFor(String name) {
    return text.replace(NAME, oneLine(name));
  }

  String htmlFor(String name) {
    return html.replace(NAME, escape(oneLine(name)));
  }

  /** A name can't write paragraphs of its own, even if a caller lets one through. */
  private static String oneLine(String name) {
    return name.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
  }

  /** For text and quoted attributes. */
  private static String escape(String raw) {
    return raw.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
