package lastcall.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("lastcall.Send")
@Label("Send")
@Category("Lastcall")
@Description("One try to send one e-mail, on the thread that sends")
@StackTrace(false)
final class SendEvent extends Event {
  @Label("Message-ID")
  String id = "";

  @Label("Attempt")
  @Description("This one included")
  int attempt;

  @Label("Outcome")
  @Description(
      "What the mail server made of it: sent, refused, deferred, unknown, server_trouble, not_sent, failed")
  String outcome = "";

  @Label("State")
  @Description("What the e-mail is after it: sent, due, refused, exhausted or unconfirmed")
  String state = "";
}
