package lastcall.mail;

import static lastcall.mail.MailFixture.mailer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import lastcall.api.EmailAddress;
import lastcall.testing.ScriptedSmtpServer;
import org.junit.jupiter.api.Test;

/** Every address that a sign-up accepts is what Angus puts into RCPT, byte for byte. */
class RcptTest {
  @Test
  void acceptedMeansDeliveredThere() throws IOException {
    List<String> raw =
        new ArrayList<>(
            List.of(
                "Ann@Example.ORG",
                "ann@b\u00fccher.example",
                "ann@\u4f8b\u5b50.\u6d4b\u8bd5",
                "l".repeat(64) + "@example.org",
                "l@" + "d".repeat(63) + ".example.org"));
    for (char c = ' '; c < 0x180; c++) { // each where an atom, a label may stand
      raw.add("a" + c + "b@example.org");
      raw.add(c + "b@example.org");
      raw.add("ab@ex" + c + "ample.org");
    }
    int delivered = 0;
    try (ScriptedSmtpServer server = new ScriptedSmtpServer();
        AngusMailer mailer = mailer(server.port())) {
      for (String address :
          raw.stream().flatMap(a -> EmailAddress.normalise(a).stream()).toList()) {
        OutgoingMail mail =
            new OutgoingMail("m" + delivered++ + "@x.example", "welcome", address, "Ann");
        assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail, () -> true), address);
        assertEquals(
            "RCPT TO:<" + address + ">",
            server.commands().stream().filter(c -> c.startsWith("RCPT")).toList().getLast());
      }
    }
    assertEquals(true, delivered > 200, "only " + delivered);
  }
}
