package lastcall.fuzz;

import static lastcall.fuzz.Gen.mixed;
import static lastcall.fuzz.Gen.of;

import lastcall.fuzz.Exchange.End;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * What clients of the management port may do, those too that have the token.
 *
 * @param paths what may be asked for
 * @param formToken without which no form does anything
 */
record ManagementRequests(String token, String formToken, ManagementPaths paths) {

  Arbitrary<Exchange> exchanges() {
    Arbitrary<String> any =
        mixed(
            of(4, signed(Arbitraries.of("GET"), paths.all())),
            of(1, signed(Heads.methods(), paths.all())),
            of(4, forms()),
            of(3, jsons()),
            of(1, Gen.bytes(80)));
    Arbitrary<String> half =
        Arbitraries.of(
            "GET / HTTP/1.1\r\nHost: loc",
            "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
            "\r\n");
    return mixed(
        of(400, Requests.piped(any, End.HALF_CLOSE)),
        of(
            10,
            Requests.gone(
                mixed(
                    of(1, any),
                    of(1, signed(Arbitraries.of("GET"), Arbitraries.of("/api/events")))))),
        of(1, Requests.piped(half, End.WAIT)));
  }

  private static Arbitrary<String> actions(String below) {
    return Arbitraries.of("retry", "cancel", "pause", "resume", "delete", "")
        .map(word -> below + word);
  }

  private Arbitrary<String> forms() {
    Arbitrary<String> fields =
        Combinators.combine(
                mixed(
                    of(4, "form_token=" + formToken + "&"),
                    of(1, "", "form_token=x&", "token=" + token + "&to=//evil.example&")),
                mixed(
                    of(2, paths.filter()),
                    of(
                        1,
                        paths.query(
                            "action", "delay", "at", "kind", "reply", "share", "next", "token",
                            "to"))))
            .as((first, more) -> first + more);
    Arbitrary<String> targets =
        mixed(
            of(4, actions("/outbox/")),
            of(2, "/mailbox", "/login", "/logout"),
            of(1, paths.id().map(id -> "/mailbox/" + id)));
    return posted(
        Arbitraries.of("POST"),
        targets,
        "application/x-www-form-urlencoded",
        mixed(of(4, fields), of(1, Bodies.forms())));
  }

  private Arbitrary<String> jsons() {
    Arbitrary<String> member =
        Combinators.combine(
                Arbitraries.of(
                    "id",
                    "address",
                    "state",
                    "older_than",
                    "reason",
                    "dry_run",
                    "for",
                    "delay",
                    "at",
                    "kind",
                    "reply",
                    "share",
                    "next"),
                Arbitraries.of(
                    "\"true\"",
                    "true",
                    "null",
                    "\"refuse\"",
                    "\"silence\"",
                    "\"dot\"",
                    "\"1ms\"",
                    "\"0.5\"",
                    "\"3\"",
                    "\"451 4.3.0 no\"",
                    "\"250 \\r\\n\"",
                    "\"\\ud800\"",
                    "{}",
                    "[[]]",
                    "1e9",
                    "\"cancelled\"",
                    "\"1m\""))
            .as((name, value) -> "\"" + name + "\":" + value);
    Arbitrary<String> objects =
        member.list().ofMaxSize(4).map(members -> "{" + String.join(",", members) + "}");
    Arbitrary<String> bodies =
        mixed(of(4, objects), of(1, Gen.changed(objects)), of(1, Bodies.jsons()));
    return posted(
        Arbitraries.of("POST", "POST", "PUT", "DELETE"),
        mixed(
            of(3, actions("/api/outbox/")),
            of(2, "/api/mailbox/trouble", "/api/mailbox"),
            of(1, paths.id().map(id -> "/api/mailbox/" + id))),
        "application/json",
        bodies);
  }

  /** Three in four have the token. */
  private Arbitrary<String> authorization() {
    return mixed(
        of(9, "Authorization: Bearer " + token + "\r\n"),
        of(
            3,
            "",
            "Authorization: Bearer wrong-wrong-wrong\r\n",
            "Authorization: Basic OmE=\r\n",
            "Authorization:\r\n",
            "Cookie: lastcall-session=x; lastcall-session=y\r\n",
            "Authorization: Bearer \u00ff\r\n"));
  }

  private Arbitrary<String> signed(Arbitrary<String> methods, Arbitrary<String> targets) {
    return signed(Requests.visits(methods, targets));
  }

  private Arbitrary<String> posted(
      Arbitrary<String> methods, Arbitrary<String> targets, String type, Arbitrary<String> bodies) {
    return signed(
        Requests.posts(
            Combinators.combine(methods, targets).as((method, target) -> method + " " + target),
            type,
            bodies));
  }

  /** Behind the request line, where there is one. */
  private Arbitrary<String> signed(Arbitrary<String> requests) {
    return Combinators.combine(requests, authorization())
        .as((request, header) -> {
          int line = request.indexOf("\r\n") + 2;
          return request.substring(0, line) + header + request.substring(line);
        });
  }
}
