package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** .github/workflows/ci.yml, as far as it can be held to anything where it does not run. */
final class WorkflowTest {
  private final Map<?, ?> workflow = workflow();
  private final Map<?, ?> job = (Map<?, ?>) ((Map<?, ?>) workflow.get("jobs")).get("run");
  private final List<?> steps = (List<?>) job.get("steps");

  @Test
  void itMayReadAndNothingElse() {
    assertEquals(Map.of("contents", "read"), workflow.get("permissions"));
    assertFalse(job.containsKey("permissions"), "a job's permissions win over the workflow's");
    assertTrue((Integer) job.get("timeout-minutes") <= 90, () -> "" + job);
  }

  @Test
  void itRunsWhatEverybodyRuns() {
    String last = (String) ((Map<?, ?>) steps.getLast()).get("run");
    assertTrue(last.endsWith(" bash .ci/run"), last);
  }

  /** A branch may be moved by whoever breaks into the action's repository. */
  @Test
  void actionsArePinned() {
    List<String> used =
        steps.stream()
            .map(step -> (String) ((Map<?, ?>) step).get("uses"))
            .filter(action -> action != null)
            .toList();
    assertFalse(used.isEmpty());
    for (String action : used) {
      assertTrue(action.matches("actions/[\\w-]+@(v\\d+|[0-9a-f]{40})"), action);
    }
  }

  private static Map<?, ?> workflow() {
    try {
      return new Yaml().load(Files.readString(Path.of(".github/workflows/ci.yml")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
