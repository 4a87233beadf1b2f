package lastcall.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** What all generators share. */
final class Gen {
  /** One change to bytes, at this share of their length. */
  private record Change(double at, int how, int length, String what) {
    String of(String bytes) {
      int from = (int) (at * bytes.length());
      int to = Math.min(bytes.length(), from + length);
      return switch (how) {
        case 0 ->
            bytes.substring(0, from) + what + bytes.substring(Math.min(bytes.length(), from + 1));
        case 1 -> bytes.substring(0, from) + what + bytes.substring(from);
        case 2 -> bytes.substring(0, from) + bytes.substring(to);
        case 3 -> bytes.substring(0, to) + bytes.substring(from);
        default -> bytes.substring(0, from);
      };
    }
  }

  private Gen() {}

  /** A weight and what it is the weight of, in turn. */
  @SafeVarargs
  @SuppressWarnings("varargs")
  static <T> Arbitrary<T> mixed(Tuple.Tuple2<Integer, Arbitrary<T>>... parts) {
    return Arbitraries.frequencyOf(List.of(parts));
  }

  static <T> Tuple.Tuple2<Integer, Arbitrary<T>> of(int weight, Arbitrary<T> part) {
    return Tuple.of(weight, part);
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  static <T> Tuple.Tuple2<Integer, Arbitrary<T>> of(int weight, T... values) {
    return Tuple.of(weight, Arbitraries.of(values));
  }

  /** Twelve characters that nobody else has. They don't shrink, or two could become the same. */
  static Arbitrary<String> token() {
    return Arbitraries.randomValue(
        random -> Long.toString(random.nextLong(1L << 59, 1L << 60), 36));
  }

  static Arbitrary<Integer> number(int least, int most) {
    return Arbitraries.integers().between(least, most);
  }

  static String utf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }

  static Arbitrary<String> bytes(int most) {
    return Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(most);
  }

  /** Up to four changes to what was there. */
  static Arbitrary<String> changed(Arbitrary<String> good) {
    Arbitrary<String> what =
        mixed(
            of(
                3, "\r", "\n", "\r\n", "\0", " ", "\t", ":", ",", ";", "\"", "%", "=", "\\",
                "\u00ff"),
            of(
                2,
                "\r\n\r\n",
                "0\r\n\r\n",
                "-1",
                "99999999999999999999",
                "\\u0000",
                "\\ud800",
                "%0d%0a"),
            of(1, bytes(4)));
    Arbitrary<Change> change =
        Combinators.combine(Arbitraries.doubles().between(0, 1), number(0, 4), number(1, 40), what)
            .as(Change::new);
    return Combinators.combine(good, change.list().ofMinSize(1).ofMaxSize(4))
        .as((bytes, changes) -> {
          String now = bytes;
          for (Change each : changes) {
            now = each.of(now);
          }
          return now;
        });
  }

  static <T> List<T> list(List<T> first, T last) {
    List<T> all = new ArrayList<>(first);
    all.add(last);
    return all;
  }
}
