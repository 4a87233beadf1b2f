package lastcall.management;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** This process and the others on its database, and how the last stop ended. */
public final class Instances {
  private final Map<String, Object> self = new LinkedHashMap<>();

  public Instances(String owner, String version) {
    self.put("id", owner);
    self.put("host", host());
    self.put("pid", ProcessHandle.current().pid());
    self.put("version", version);
    self.put("started_at", Times.instant(System.currentTimeMillis()));
  }

  private static String host() {
    String name = System.getenv("HOSTNAME"); // a pod's name; asking DNS could take seconds
    return name == null || name.isBlank() ? "localhost" : name;
  }

  Map<String, Object> self() {
    return self;
  }

  @Nullable Map<String, Object> lastStop() {
    return null;
  }

  List<Map<String, Object>> others() {
    return List.of();
  }
}
