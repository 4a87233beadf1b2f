package lastcall.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.fuzz.Answers.Answer;

/** Who was told 202, and which sign-ups nobody knows the answer of. */
final class Ledger {
  private static final Pattern JSON = Pattern.compile("\"email\":\"([!-~&&[^\"\\\\]]+)\"\\}\\}");
  private static final Pattern PAGE = Pattern.compile("<strong id=\"to\">([^<>]+)</strong>");
  private static final Pattern ENTITY = Pattern.compile("&(?:#x([0-9A-Fa-f]+)|#(\\d+)|(\\w+));");
  private static final Pattern ESCAPE = Pattern.compile("\\\\u00([0-9a-f]{2})");
  private static final Pattern CHUNK = Pattern.compile("\r\n[0-9a-f]+[^\r\n]*\r\n");

  final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> doubtful = new ConcurrentLinkedQueue<>();

  void answered(Answer answer) throws Answers.Broken {
    if (answer.status() != 202) {
      return;
    }
    Matcher json = JSON.matcher(answer.body());
    Matcher page = PAGE.matcher(answer.body());
    if (json.find()) {
      accepted.add(json.group(1));
    } else if (page.find()) {
      accepted.add(
          ENTITY
              .matcher(page.group(1))
              .replaceAll(found -> Matcher.quoteReplacement(entity(found))));
    } else {
      throw new Answers.Broken("a 202 for whom?");
    }
  }

  private static String entity(MatchResult found) {
    if (found.group(3) != null) {
      return switch (found.group(3)) {
        case "amp" -> "&";
        case "quot" -> "\"";
        case "apos" -> "'";
        default -> "?";
      };
    }
    String hex = found.group(1);
    return Character.toString(
        hex != null ? Integer.parseInt(hex, 16) : Integer.parseInt(found.group(2)));
  }

  /** These were sent, and their answers not read. Requests that are longer than this get no 202. */
  void doubt(List<Exchange.Shot> shots) {
    shots.stream()
        .map(Exchange.Shot::bytes)
        .filter(bytes -> bytes.length() < 40_000)
        .forEach(doubtful::add);
  }

  int doubts() {
    return doubtful.size();
  }

  /** Whether a sign-up for this address may have been accepted. */
  boolean possible(String address) {
    String local = address.substring(0, address.indexOf('@'));
    return accepted.contains(address) || doubtful.stream().anyMatch(bytes -> holds(bytes, local));
  }

  private static boolean holds(String bytes, String local) {
    String whole = CHUNK.matcher(bytes).replaceAll("");
    return whole.contains(local)
        || bytes.contains(local)
        || ESCAPE
            .matcher(whole)
            .replaceAll(
                found -> Matcher.quoteReplacement("" + (char) Integer.parseInt(found.group(1), 16)))
            .contains(local)
        || formDecoded(whole).contains(local);
  }

  private static String formDecoded(String bytes) {
    try {
      return URLDecoder.decode(new String(bytes.getBytes(ISO_8859_1), UTF_8), UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
