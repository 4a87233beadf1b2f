package lastcall.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("lastcall.Commit")
@Label("Commit")
@Category("Lastcall")
@Description(
    "The COMMIT of a group of calls, on the database's writer; its duration is mostly the disk's")
@StackTrace(false)
final class CommitEvent extends Event {
  @Label("Calls")
  int calls;

  @Label("With statements")
  @Description("The statements of the group and the COMMIT")
  @Timespan(Timespan.NANOSECONDS)
  long whole;
}
