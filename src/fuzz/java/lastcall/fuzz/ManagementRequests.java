package lastcall.fuzz;

import static lastcall.fuzz.Gen.mixed;
import static lastcall.fuzz.Gen.of;

import java.util.List;
import lastcall.fuzz.Exchange.End;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * What clients of the management port may do, those too that have the token.
 *
 * @param ids of e-mails
 * @param formToken without which no form does anything
 */
record ManagementRequests(String token, String formToken, List<String> ids) {
  private static final String[] WORDS = {
    "true",
    "false",
    "",
    "due",
    "sent",
    "refused",
    "50",
    "0",
    "-1",
    "1001",
    "99999999999",
    "15m",
    "2s",
    "200ms",
    "1e9d",
    "2030-01-31T12:00:00Z",
    "+1000000000-12-31T23:59:59.999999999Z",
    "ann0@example.org",
    "%",
    "a%00b",
    "%ff",
    "%f0%9f%98%80",
    "%27%20OR%201=1--",
    "_%25",
    "*",
    "<script>",
    "%0d%0aX:%20y"
  };

  Arbitrary<Exchange> exchanges() {
    Arbitrary<String> any =
        mixed(
            of(4, signed(Arbitraries.of("GET"), paths())),
            of(1, signed(Heads.methods(), paths())),
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

  private Arbitrary<String> id() {
    return mixed(
        of(3, Arbitraries.of(ids)),
        of(1, "x", "..", "%2e%2e%2f", "%00", "confirm", "wait", "trouble", "a%2fb", "\u00ff"),
        of(1, Gen.bytes(12)));
  }

  private Arbitrary<String> query(String... names) {
    Arbitrary<String> value = mixed(of(4, WORDS), of(1, id()), of(1, Gen.bytes(8)));
    Arbitrary<String> field =
        Combinators.combine(mixed(of(8, names), of(1, "no", "")), value)
            .as((name, word) -> name + "=" + word);
    return field.list().ofMaxSize(4).map(fields -> String.join("&", fields));
  }

  private Arbitrary<String> filter() {
    return query(
        "id",
        "address",
        "state",
        "older_than",
        "reason",
        "after",
        "limit",
        "addresses",
        "dry_run",
        "for",
        "until",
        "done");
  }

  private Arbitrary<String> paths() {
    Arbitrary<String> fixed =
        mixed(
            of(
                3,
                "/",
                "/?format=line",
                "/login?to=//evil.example",
                "/login",
                "/logout",
                "/api/status",
                "/api/stop",
                "/api/mailbox/trouble",
                "/observe/metrics",
                "/observe/health",
                "/observe/health/live",
                "/observe/health/ready",
                "/observe/health/nothing",
                "/observe/info",
                "/openapi",
                "/assets/style.css",
                "/assets/..%2fstatus.html"),
            of(1, Heads.targets("/", "/outbox", "/mailbox")));
    Arbitrary<String> one =
        Combinators.combine(
                Arbitraries.of(
                    "/outbox/%s",
                    "/api/outbox/%s",
                    "/mailbox/%s",
                    "/mailbox/%s/html",
                    "/mailbox/%s/source",
                    "/mailbox/%s/attachments/1",
                    "/mailbox/%s/attachments/99999999999",
                    "/api/mailbox/%s",
                    "/outbox/confirm/%s"),
                id())
            .as(String::formatted);
    Arbitrary<String> searched =
        Combinators.combine(
                Arbitraries.of(
                    "/outbox", "/api/outbox", "/outbox/confirm/cancel", "/outbox/confirm/retry"),
                filter())
            .as((path, fields) -> path + "?" + fields);
    Arbitrary<String> mailbox =
        Combinators.combine(
                Arbitraries.of("/mailbox", "/api/mailbox", "/api/mailbox/wait"),
                query("to", "before", "since", "trouble", "addresses"))
            .as((path, fields) -> path + "?timeout=20ms&" + fields);
    return mixed(of(3, fixed), of(3, one), of(3, searched), of(2, mailbox));
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
                    of(2, filter()),
                    of(
                        1,
                        query(
                            "action", "delay", "at", "kind", "reply", "share", "next", "token",
                            "to"))))
            .as((first, more) -> first + more);
    Arbitrary<String> targets =
        mixed(
            of(4, actions("/outbox/")),
            of(2, "/mailbox", "/login", "/logout"),
            of(1, id().map(id -> "/mailbox/" + id)));
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
            of(1, id().map(id -> "/api/mailbox/" + id))),
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
