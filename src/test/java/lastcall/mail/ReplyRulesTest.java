package lastcall.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lastcall.testing.Proves;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.Test;

/** The table of reply codes in docs/operations.md, line by line. */
final class ReplyRulesTest {
  private static final Pattern LINE =
      Pattern.compile("(?m)^\\| (login|server|recipient) \\| .* \\| (.*) \\| `(\\d{3}) (.*)` \\|$");
  private static final Map<String, List<SmtpPhase>> PHASES =
      Map.of(
          "any", List.of(SmtpPhase.EHLO, SmtpPhase.MAIL, SmtpPhase.RCPT, SmtpPhase.DOT),
          "AUTH", List.of(SmtpPhase.AUTH),
          "up to MAIL", List.of(SmtpPhase.EHLO, SmtpPhase.MAIL),
          "from RCPT on", List.of(SmtpPhase.RCPT, SmtpPhase.DATA, SmtpPhase.DOT),
          "RCPT", List.of(SmtpPhase.RCPT),
          "DATA and the dot", List.of(SmtpPhase.DATA, SmtpPhase.DOT));

  private final List<MatchResult> lines;

  ReplyRulesTest() throws IOException {
    lines = LINE.matcher(Files.readString(Path.of("docs/operations.md"))).results().toList();
  }

  @Test
  @Proves("P5")
  void eachLineIsTheRuleOfItsExample() {
    assertEquals(ReplyRules.RULES.size(), lines.size());
    for (int i = 0; i < lines.size(); i++) {
      MatchResult line = lines.get(i);
      for (SmtpPhase phase : PHASES.get(line.group(2))) {
        SmtpFailure failure = failure(line, phase);
        ReplyRules.Rule first =
            ReplyRules.RULES.stream()
                .filter(rule -> rule.fits(phase, failure.code(), failure.enhanced()))
                .findFirst()
                .orElseThrow();
        assertEquals(i, ReplyRules.RULES.indexOf(first), line.group() + " in phase " + phase);
        assertEquals(line.group(1), failure.fault().name().toLowerCase(Locale.ROOT), line.group());
      }
    }
  }

  /** The same over a connection. */
  @Test
  void eachExampleEndsASendAsTheTableSays() throws IOException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer();
        AngusMailer mailer = MailFixture.mailer(server.port())) {
      for (MatchResult line : lines) {
        for (SmtpPhase phase : PHASES.get(line.group(2))) {
          if (phase == SmtpPhase.AUTH || phase == SmtpPhase.EHLO) {
            continue; // TlsAndAuthTest
          }
          server.on(
              Step.valueOf(phase.name()),
              Action.reply(line.group(3) + " " + line.group(4)),
              2); // on the kept connection, and on a new one
          SendOutcome outcome = mailer.send(MailFixture.mail("a"), () -> true);
          server.behave();
          String expected =
              switch (failure(line, phase).fault()) {
                case LOGIN, SERVER -> "ServerTrouble";
                case RECIPIENT -> line.group(3).startsWith("5") ? "Refused" : "Deferred";
              };
          assertEquals(expected, outcome.getClass().getSimpleName(), line.group());
        }
      }
      assertEquals(Map.of(), server.countsById());
    }
  }

  private static SmtpFailure failure(MatchResult line, SmtpPhase phase) {
    String reply = line.group(3) + " " + line.group(4);
    return SmtpFailure.of(phase, Integer.parseInt(line.group(3)), reply, "");
  }
}
