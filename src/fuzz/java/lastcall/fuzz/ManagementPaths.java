package lastcall.fuzz;

import static lastcall.fuzz.Gen.mixed;
import static lastcall.fuzz.Gen.of;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * What may be asked for at the management port.
 *
 * @param ids of e-mails
 */
record ManagementPaths(List<String> ids) {
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

  Arbitrary<String> id() {
    return mixed(
        of(3, Arbitraries.of(ids)),
        of(1, "x", "..", "%2e%2e%2f", "%00", "confirm", "wait", "trouble", "a%2fb", "\u00ff"),
        of(1, Gen.bytes(12)));
  }

  Arbitrary<String> query(String... names) {
    Arbitrary<String> value = mixed(of(4, WORDS), of(1, id()), of(1, Gen.bytes(8)));
    Arbitrary<String> field =
        Combinators.combine(mixed(of(8, names), of(1, "no", "")), value)
            .as((name, word) -> name + "=" + word);
    return field.list().ofMaxSize(4).map(fields -> String.join("&", fields));
  }

  Arbitrary<String> filter() {
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

  Arbitrary<String> all() {
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
}
