package lastcall.mail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The two forms of the welcome e-mail. {@code {name}} is their one placeholder. */
record WelcomeTemplate(String text, String html) {
  private static final String NAME = "{name}";
  private static final Pattern FIRST = Pattern.compile("\\X{1,60}+");

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
    return text.replace(NAME, shown(name));
  }

  String htmlFor(String name) {
    return html.replace(NAME, escape(shown(name)));
  }

  /**
   * The first 60 characters, as people count them: none is cut in two. A name can't write
   * paragraphs of its own, even if a caller lets one through.
   */
  private static String shown(String name) {
    Matcher first = FIRST.matcher(name.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " "));
    return first.lookingAt() ? first.group() : "";
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
