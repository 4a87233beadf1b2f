package lastcall.fuzz;

import static lastcall.fuzz.Gen.mixed;
import static lastcall.fuzz.Gen.number;
import static lastcall.fuzz.Gen.of;

import java.util.List;
import lastcall.fuzz.Exchange.End;
import lastcall.fuzz.Exchange.Shot;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** What clients of the public port may do. */
final class Requests {
  private static final String HOST = "Host: localhost\r\n";

  private Requests() {}

  static Arbitrary<Exchange> exchanges() {
    Arbitrary<Exchange> good =
        good().list().ofMinSize(1).ofMaxSize(4).map(shots -> new Exchange(shots, 1, End.GOOD));
    Arbitrary<String> any =
        mixed(
            of(10, signUps("/v1/users", "application/json", Bodies.jsons())),
            of(3, signUps("/", "application/x-www-form-urlencoded", Bodies.forms())),
            of(3, visits()),
            of(1, preflights()),
            of(1, garbage()));
    return mixed(
        of(10, good),
        of(160, piped(any, End.HALF_CLOSE)),
        of(1, piped(any, End.WAIT)),
        of(10, gone(any)));
  }

  /**
   * Requests of which one in six is changed. Only the first may be a HEAD, and it stays as it is,
   * so that we know which answer has no body: one whose request line is refused has one.
   */
  static Arbitrary<Exchange> piped(Arbitrary<String> any, End end) {
    Arbitrary<Shot> shot =
        mixed(of(5, any), of(1, Gen.changed(any))).map(bytes -> new Shot(bytes, false));
    Arbitrary<Shot> head =
        Arbitraries.of("/", "/v1/users", "/openapi", "/nowhere")
            .map(target -> new Shot("HEAD " + target + " HTTP/1.1\r\n" + HOST + "\r\n", true));
    // Nothing comes before it, or what is inside might become a request of its own by right.
    Arbitrary<Shot> smuggling = Heads.smuggling().map(bytes -> new Shot(bytes, false));
    Arbitrary<List<Shot>> shots =
        mixed(
            of(9, shot.list().ofMinSize(1).ofMaxSize(3)),
            of(1, Combinators.combine(head, shot).as(List::of)),
            of(1, Combinators.combine(smuggling, shot).as(List::of)));
    return Combinators.combine(shots, mixed(of(6, 1), of(1, number(2, 5))))
        .as((all, pieces) -> new Exchange(all, pieces, end));
  }

  /** Nothing is changed: of a 202 that nobody reads, the request still shows the address. */
  static Arbitrary<Exchange> gone(Arbitrary<String> any) {
    return Combinators.combine(
            any.map(bytes -> new Shot(bytes, false)).list().ofMinSize(1).ofMaxSize(2), number(1, 2))
        .as((shots, pieces) -> new Exchange(shots, pieces, End.GONE));
  }

  private static Arbitrary<Shot> good() {
    return Combinators.combine(
            Arbitraries.of("Ann", "Zoë", "李小龍", "O'Brien", "👩‍👩‍👧‍👦"),
            Bodies.goodAddress(),
            Arbitraries.of("", "Origin: https://www.example.org\r\n", "Accept: */*\r\n"))
        .as((name, email, header) ->
            new Shot(
                "POST /v1/users HTTP/1.1\r\n"
                    + HOST
                    + "Content-Type: application/json\r\n"
                    + header
                    + Heads.sized(Gen.utf8(Bodies.json(name, email, "correct horse"))),
                false));
  }

  private static Arbitrary<String> signUps(String target, String type, Arbitrary<String> bodies) {
    return posts(
        mixed(of(9, "POST " + target), of(1, Heads.methods().map(method -> method + " " + target))),
        type,
        bodies);
  }

  /**
   * @param starts of request lines, up to the target
   */
  static Arbitrary<String> posts(Arbitrary<String> starts, String type, Arbitrary<String> bodies) {
    return Combinators.combine(
            starts, Heads.versions(), Heads.types(type), Heads.headers(), Heads.framed(bodies))
        .as((start, version, contentType, headers, framed) ->
            head(start + " " + version, Gen.list(headers, "Content-Type: " + contentType))
                + framed);
  }

  private static String head(String line, List<String> headers) {
    return line + "\r\n" + HOST + String.join("\r\n", headers) + (headers.isEmpty() ? "" : "\r\n");
  }

  private static Arbitrary<String> visits() {
    return visits(
        Heads.methods(),
        Heads.targets(
            "/", "/v1/users", "/openapi", "/assets/1/sign-up.css", "/nowhere", "/?lang=x"));
  }

  static Arbitrary<String> visits(Arbitrary<String> methods, Arbitrary<String> targets) {
    return Combinators.combine(methods, targets, Heads.versions(), Heads.headers())
        .as((method, target, version, headers) ->
            head(method + " " + target + " " + version, headers) + "\r\n");
  }

  private static Arbitrary<String> preflights() {
    return Combinators.combine(
            Arbitraries.of("https://www.example.org", "https://evil.example", "null", "\u00ff", ""),
            Arbitraries.of("POST", "PUT", "", "P\tT"),
            Heads.headers())
        .as((origin, method, headers) ->
            head(
                    "OPTIONS /v1/users HTTP/1.1",
                    Gen.list(
                        headers,
                        "Origin: " + origin + "\r\nAccess-Control-Request-Method: " + method))
                + "\r\n");
  }

  private static Arbitrary<String> garbage() {
    return mixed(
        of(3, Gen.bytes(100)),
        of(
            2,
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
            "\26\3\1\2\0\1\0\1\374\3\3" + "\u00aa".repeat(32),
            "EHLO example.org\r\n",
            "\r\n\r\n\r\n",
            "\n",
            "GET /\r\n",
            "GET / HTTP/1.1\nHost: x\n\n"),
        of(1, number(1, 100_000).map("a"::repeat)),
        of(1, number(1, 5_000).map("\r\n"::repeat)));
  }
}
