package lastcall.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static lastcall.fuzz.Gen.mixed;
import static lastcall.fuzz.Gen.number;
import static lastcall.fuzz.Gen.of;
import static lastcall.fuzz.Gen.token;
import static lastcall.fuzz.Gen.utf8;

import java.net.URLEncoder;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Names, addresses and the bodies that carry them, as bytes. */
final class Bodies {
  /** No e-mail may ever go to an address with this. */
  static final String NEVER = "smuggled";

  private static final String STRANGER = NEVER + "@evil.example";

  private Bodies() {}

  static Arbitrary<String> names() {
    return mixed(
        of(4, "Ann", "Zoë", "李小龍", "O'Brien", "{name}", "J.R. Kim", "👩‍👩‍👧‍👦", "<b>&amp;\"'"),
        of(2, Arbitraries.strings().ofMaxLength(30)),
        of(2, number(55, 110).map("x"::repeat)),
        of(1, number(55, 110).map("e\u0301"::repeat)),
        of(
            3,
            "Ann\r\nBcc: " + STRANGER,
            "Ann\nTo: " + STRANGER,
            "Ann\u2028Cc: " + STRANGER,
            "\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<" + STRANGER + ">",
            "\u0085Bcc: x",
            "=?utf-8?q?=0d=0aBcc:_" + NEVER + "?=",
            "=01",
            "=0D=0A.=0D=0A",
            "------=_Part_0_1.2",
            "\u202eevil\u202c",
            "\u2066a\u2069",
            "a\0b",
            "\u200b\u200c",
            ".",
            "http://evil.example/",
            "\ufeff"));
  }

  static Arbitrary<String> goodAddress() {
    return token().map(unique -> "t" + unique + "@example.org");
  }

  /** Some of them are good. */
  static Arbitrary<String> addresses() {
    Arbitrary<String> form =
        mixed(
            of(
                6,
                "t%s@example.org",
                "t%s+tag@Example.ORG",
                "t.%s@b\u00fccher.example",
                "t%s@xn--bcher-kva.example",
                " t%s@example.org\t",
                "t%s%%evil.example@example.org",
                "#!$&'*/=?^`{|}~%s@example.org"),
            of(
                6,
                "t%s@example.org\r\nRCPT TO:<" + STRANGER + ">",
                "t%s@example.org>\r\nRCPT TO:<" + STRANGER + ">\r\nDATA\r\n",
                "t%s@example.org\nBcc: " + STRANGER,
                "t%s@example.org> ORCPT=rfc822;" + STRANGER + " <",
                "t%s@example.org," + STRANGER,
                "t%s@example.org;" + STRANGER,
                "t%s@example.org " + STRANGER,
                "\"t%s\"@example.org",
                "\"t%s@example.org\r\n\"@evil.example",
                "\"t%s\" <" + STRANGER + ">",
                "t%s(comment)@example.org",
                "(" + STRANGER + ")t%s@example.org",
                "@evil.example:t%s@example.org",
                STRANGER + "@t%s@example.org",
                "t%s@" + STRANGER,
                "t%s@[127.0.0.1]",
                "t%s@127.0.0.1",
                "t%s@localhost",
                "t%s@example.org.",
                "t%s@-a.example",
                "t%s..a@example.org",
                "t%s@ex\u00adample.org",
                "t%s\u200b@example.org",
                "t%s@example\uff0eorg",
                "t\u00e4%s@example.org",
                "t%s",
                ""));
    Arbitrary<String> fixed = Combinators.combine(form, token()).as(String::formatted);
    Arbitrary<String> longer =
        Combinators.combine(number(40, 70), number(200, 260), token())
            .as((local, all, unique) -> {
              String start = "t" + unique + "x".repeat(local - 13) + "@";
              return start + "d.".repeat((all - start.length()) / 2) + "example";
            });
    Arbitrary<String> any =
        Combinators.combine(
                token(), Arbitraries.strings().ofMaxLength(5), Arbitraries.strings().ofMaxLength(8))
            .as((unique, local, domain) -> "t" + unique + local + "@" + domain + ".example");
    return mixed(of(8, fixed), of(2, longer), of(2, any));
  }

  private static Arbitrary<String> passwords() {
    return mixed(
        of(6, "correct horse"),
        of(1, Arbitraries.strings().ofMaxLength(20)),
        of(1, number(0, 140).map("\ud83d\ude00"::repeat)));
  }

  static String json(String name, String email, String password) {
    return "{\"name\":%s,\"email\":%s,\"password\":%s}"
        .formatted(quoted(name, false), quoted(email, false), quoted(password, false));
  }

  /**
   * @param all whether each character is escaped, or only those that must be
   */
  private static String quoted(String text, boolean all) {
    return text.chars()
        .mapToObj(
            c -> all || c < ' ' || c == '"' || c == '\\' ? "\\u%04x".formatted(c) : "" + (char) c)
        .collect(Collectors.joining("", "\"", "\""));
  }

  static Arbitrary<String> jsons() {
    Arbitrary<String> members =
        Combinators.combine(names(), addresses(), passwords(), Arbitraries.of(false, true))
            .as((name, email, password, all) ->
                "\"name\":%s,\"email\":%s,\"password\":%s"
                    .formatted(quoted(name, all), quoted(email, all), quoted(password, all)));
    Arbitrary<String> odd =
        mixed(
            of(6, ""),
            of(
                3,
                ",\"name\":\"again\"",
                ",\"email\":\"" + STRANGER + "\"",
                ",\"\\u0065mail\":\"" + STRANGER + "\"",
                ",\"bcc\":\"" + STRANGER + "\"",
                ",\"name\":null",
                ",\"password\":1e999999",
                ",\"email\":[\"" + STRANGER + "\"]",
                ",\"name\":{\"a\":{}}",
                ",\"name\":\"\\ud800\"",
                ",",
                ",\"a\":-",
                ",\"__proto__\":{}",
                "}{",
                "\0",
                "/* */"),
            of(1, number(1, 3_000).map(n -> ",\"a\":" + "[".repeat(n) + "]".repeat(n))),
            of(1, number(1, 40_000).map(n -> ",\"a\":\"" + "x".repeat(n) + "\"")),
            of(1, number(1, 5_000).map(n -> ",\"a\":" + "9".repeat(n))));
    Arbitrary<String> objects =
        Combinators.combine(
                members, odd, Arbitraries.of("{", "{", "{", "{", "\ufeff{", " \r\n{", "[{"))
            .as((good, more, open) -> utf8(open + good + more + "}"));
    Arbitrary<String> others =
        mixed(
            of(
                3,
                "",
                "{}",
                "[]",
                "null",
                "0",
                "\"\"",
                "{",
                "{\"name\"",
                "\u00ef\u00bb\u00bf",
                "\0\0\0{"),
            of(
                1,
                "\u00ff\u00fe{\0}\0",
                "{\"name\":\"\u00ed\u00a0\u0080\"}",
                "{\"name\":\"\u00c0\u0080\"}"),
            of(1, number(1, 9_000).map("{\"a\":"::repeat)),
            of(1, number(1, 17_000).map("["::repeat)),
            of(1, number(15_000, 200_000).map(" "::repeat)),
            of(1, Gen.bytes(60)));
    return mixed(of(12, objects), of(3, others), of(3, Gen.changed(objects)));
  }

  static Arbitrary<String> forms() {
    Arbitrary<String> key =
        mixed(
            of(8, token().map(unique -> unique.replaceAll("[^0-9a-f]", "0").repeat(3))),
            of(1, "", "x"));
    Arbitrary<String> odd =
        mixed(
            of(8, ""),
            of(
                2,
                "&email=second@evil.example",
                "&name",
                "&=",
                "&&&",
                "&a=%",
                "&a=%zz",
                "&name=%ff%fe",
                "&name=%0d%0a"),
            of(1, number(1, 40_000).map(n -> "&a=" + "x".repeat(n))));
    Arbitrary<String> forms =
        Combinators.combine(names(), addresses(), passwords(), key, odd)
            .as((name, email, password, unique, more) ->
                "name="
                    + URLEncoder.encode(name, UTF_8)
                    + "&email="
                    + URLEncoder.encode(email, UTF_8)
                    + "&password="
                    + URLEncoder.encode(password, UTF_8)
                    + "&key="
                    + unique
                    + more);
    return mixed(of(6, forms), of(1, Gen.changed(forms)));
  }
}
