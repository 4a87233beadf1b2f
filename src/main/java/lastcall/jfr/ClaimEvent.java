package lastcall.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("lastcall.Claim")
@Label("Claim")
@Category("Lastcall")
@Description("An e-mail was claimed: by the writer with its sign-up, or by the dispatcher")
@StackTrace(false)
final class ClaimEvent extends Event {
  @Label("Message-ID")
  String id = "";

  @Label("Attempt")
  @Description("The one that this claim is for")
  int attempt;
}
