package lastcall.fuzz;

import static lastcall.fuzz.Gen.mixed;
import static lastcall.fuzz.Gen.number;
import static lastcall.fuzz.Gen.of;
import static lastcall.fuzz.Gen.token;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Request lines, headers, and how the end of a body is told. */
final class Heads {
  private Heads() {}

  static Arbitrary<String> methods() {
    return mixed(
        of(6, "GET", "POST"),
        of(3, "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"),
        of(1, "get", "PRI", "M-SEARCH", "G@T", "", "X".repeat(5_000)));
  }

  static Arbitrary<String> targets(String... paths) {
    return mixed(
        of(8, paths),
        of(
            3,
            "*",
            "//",
            "/.",
            "/../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/assets/..%2f..%2fapplication.yaml",
            "/%zz",
            "/%",
            "/%00",
            "/a b",
            "/\u00e4",
            "/?%",
            "/;a=b",
            "/?a=1&a=2&&=#x",
            "http://127.0.0.1/v1/users",
            "http://evil.example:99999/",
            "http://[::1/",
            "evil.example:443",
            "/v1/users/",
            "/v1/users;x",
            "/V1/USERS"),
        of(1, number(3_000, 9_000).map(n -> "/" + "a".repeat(n))),
        of(1, Gen.bytes(20).map(rest -> "/" + rest)));
  }

  static Arbitrary<String> versions() {
    return mixed(
        of(40, "HTTP/1.1"),
        of(3, "HTTP/1.0"),
        of(
            1,
            "HTTP/2.0",
            "HTTP/0.9",
            "HTTP/1.10",
            "HTTP/1.1 ",
            "http/1.1",
            "HTTP/1",
            "",
            "HTTP/1.1\r"));
  }

  /** Header lines that change little, and some that are wrong. */
  static Arbitrary<List<String>> headers() {
    Arbitrary<String> usual =
        mixed(
            of(
                3,
                "Origin: https://www.example.org",
                "Origin: null",
                "Origin: https://evil.example"),
            of(2, "Accept: text/html", "Accept: */*;q=0", "Accept:", "Accept-Encoding: gzip, br"),
            of(2, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"),
            of(
                2,
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "traceparent: 00-00000000000000000000000000000000-0000000000000000-00",
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 msg=x"),
            of(1, token().map(key -> "Idempotency-Key: " + key)),
            of(1, "Idempotency-Key:", "Idempotency-Key: \u00ff", "Idempotency-Key: a b"),
            of(1, number(60, 70).map(n -> "Idempotency-Key: " + "k".repeat(n))),
            of(2, "Connection: close", "Connection: keep-alive, upgrade", "Connection: TE, close"),
            of(1, "Upgrade: h2c", "Upgrade: websocket", "HTTP2-Settings: AAMAAABkAAQAAP__"),
            of(2, "Expect: 100-continue", "Expect: 200-ok", "Expect: 100-continue, x"),
            of(1, "Content-Encoding: gzip", "Content-Encoding: identity", "TE: trailers"),
            of(1, "Range: bytes=0-0", "If-None-Match: *", "If-Modified-Since: x", "Cookie: a=b; c"),
            of(
                1,
                "X-Forwarded-For: 1.2.3.4, evil",
                "Forwarded: for=\"[::1]\"",
                "X-HTTP-Method-Override: PUT"),
            of(1, "Host: evil.example", "Host:", "Host: a\u00ff", "Host: a:b:c", "Host: [::1"));
    Arbitrary<String> wrong =
        mixed(
            of(
                2,
                " folded",
                "\tfolded",
                "No-Colon",
                ": no name",
                "Space : x",
                "A\0: x",
                "A: \0",
                "A: a\rb",
                "A: a\nB: b"),
            of(1, Gen.bytes(20).map(any -> "X-Any: " + any)),
            of(1, Gen.bytes(10)),
            of(1, number(3_000, 40_000).map(n -> "X-Long: " + "y".repeat(n))),
            of(1, number(100, 3_000).map("X-Many: 1\r\n"::repeat).map(many -> many + "X-Last: 1")));
    return mixed(of(19, usual), of(1, wrong)).list().ofMaxSize(2);
  }

  static Arbitrary<String> types(String right) {
    return mixed(
        of(12, right),
        of(
            2,
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json; charset=utf-16",
            "application/json;;;",
            "application/x-www-form-urlencoded; charset=iso-8859-1",
            "multipart/form-data; boundary=x",
            "text/plain",
            "application/jsonx",
            "APPLICATION/JSON",
            "",
            "\u00ff/\u00fe",
            "application/json\r\nContent-Type: text/plain"));
  }

  /** The headers that tell where the body ends, an empty line, and the body so. */
  static Arbitrary<String> framed(Arbitrary<String> bodies) {
    Arbitrary<String> right = bodies.map(Heads::sized);
    Arbitrary<String> chunked =
        Combinators.combine(
                bodies,
                number(1, 30),
                mixed(of(4, ""), of(1, ";a=b", " ;x=\"y\"", "\t", ";" + "e".repeat(6_000))),
                mixed(of(4, ""), of(1, "T: x\r\n", "Content-Length: 5\r\n", " : \r\n", "Bad\r\n")))
            .as((body, parts, extension, trailers) ->
                "Transfer-Encoding: chunked\r\n\r\n"
                    + chunks(body, parts, extension)
                    + trailers
                    + "\r\n");
    Arbitrary<String> lengths =
        Combinators.combine(
                bodies,
                Arbitraries.of(
                    "Content-Length: %2$d",
                    "Content-Length: %3$d",
                    "Content-Length: -1",
                    "Content-Length: +%1$d",
                    "Content-Length: 0x10",
                    "Content-Length: 99999999999999999999",
                    "Content-Length: 99999999",
                    "Content-Length: %1$d, %1$d",
                    "Content-Length:",
                    "Content-Length: %1$d\r\nContent-Length: %1$d",
                    "Content-Length: %1$d\r\nTransfer-Encoding: identity",
                    "X: y"))
            .as((body, length) ->
                length.formatted(body.length(), body.length() / 2, body.length() + 9)
                    + "\r\n\r\n"
                    + body);
    return mixed(of(14, right), of(4, chunked), of(2, lengths), of(1, Gen.changed(chunked)));
  }

  static String sized(String body) {
    return "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private static String chunks(String body, int parts, String extension) {
    StringBuilder all = new StringBuilder();
    int each = Math.max(1, body.length() / parts);
    for (int at = 0; at < body.length(); at += each) {
      String part = body.substring(at, Math.min(body.length(), at + each));
      all.append(Integer.toHexString(part.length()) + extension + "\r\n" + part + "\r\n");
    }
    return all + "0\r\n";
  }

  /**
   * A request whose body is another request: for a reader that is led astray. Each of them is
   * refused, or its body is read as a body; what is inside must never be served.
   */
  static Arbitrary<String> smuggling() {
    String inside =
        "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + sized(Bodies.json("Eve", Bodies.NEVER + "@example.org", "correct horse"));
    return Arbitraries.of(
            "Content-Length: %1$d\r\n\r\n%2$s",
            "Content-Length: %1$d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%2$s",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n%2$s",
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n%2$s",
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n%2$s",
            "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n%2$s",
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n%2$s",
            "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n%2$s",
            "X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%2$s",
            "X: y\rContent-Length: 0\r\n\r\n%2$s",
            "Content-Length: 0\r\nContent-Length: %1$d\r\n\r\n%2$s",
            "Content-Length: 0, %1$d\r\n\r\n%2$s",
            "Content-Length: +0\r\n\r\n%2$s",
            "Content-Length:\r\n\r\n%2$s",
            "Content-Length: 0\u00a0\r\n\r\n%2$s",
            "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n%2$s",
            "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n%2$s",
            "Transfer-Encoding: chunked\r\n\r\n0\n\r\n%2$s",
            "Transfer-Encoding: chunked\r\n\r\n1\r\nAA0\r\n\r\n%2$s",
            "Transfer-Encoding: chunked\r\n\r\n%1$x;\n0\r\n\r\n%2$s",
            " folded: y\r\nContent-Length: 0\r\n\r\n%2$s")
        .map(form ->
            "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + form.formatted(inside.length(), inside));
  }
}
