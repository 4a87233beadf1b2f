package lastcall.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("lastcall.StopPhase")
@Label("Phase of the stop")
@Category("Lastcall")
@Description("From the begin of a phase to its end, also one that the stop has left behind")
@StackTrace(false)
final class StopPhaseEvent extends Event {
  @Label("Phase")
  String phase = "";

  @Label("Failed")
  @Description("It has thrown, or was interrupted at its bound")
  boolean failed;
}
