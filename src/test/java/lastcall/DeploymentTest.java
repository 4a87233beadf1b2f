package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import lastcall.config.AppConfig;
import lastcall.config.ConfigException;
import lastcall.config.ConfigLoader;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What we hand to Kubernetes, systemd and container engines, held against the configuration. */
final class DeploymentTest {
  /** From the halt at the latest until a supervisor kills: a busy node, a slow clock. */
  private static final Duration MARGIN = Duration.ofSeconds(2);

  private final Object deployment = yaml("deployment.yaml");
  private final Object pod = at(deployment, "spec", "template", "spec");
  private final Object container = at(pod, "containers", 0);
  private final String containerfile = text("src/main/container/Containerfile");
  private final String unit = text("src/main/systemd/lastcall.service");

  @Test
  void productionTakesTheDeployment() throws ConfigException {
    Map<String, String> environment = new HashMap<>();
    for (Object variable : (List<?>) at(container, "env")) {
      String name = (String) at(variable, "name");
      boolean secret = name.matches(".*_(PASSWORD|TOKEN|USERNAME)");
      Object value = at(variable, secret ? "valueFrom" : "value");
      environment.put(
          name, secret ? at(value, "secretKeyRef").toString().replace(' ', '-') : (String) value);
    }
    environment.remove("JDK_JAVA_OPTIONS"); // for java
    AppConfig config = accepted(environment);

    assertFits((Integer) at(pod, "terminationGracePeriodSeconds"), config);
    assertTrue(config.shutdown().preStopDelay().isPositive());
    assertEquals(AppConfig.Drain.IN_FLIGHT, config.shutdown().drain());
    assertEquals(
        List.of(
            Map.of("name", "api", "containerPort", config.server().port()),
            Map.of("name", "management", "containerPort", config.management().port())),
        at(container, "ports"));
  }

  @Test
  void productionTakesTheUnit() throws ConfigException {
    Map<String, String> environment = new HashMap<>();
    Pattern.compile("(?m)^Environment=(\\w+)=(.*)$")
        .matcher(unit)
        .results()
        .forEach(line -> environment.put(line.group(1), line.group(2)));
    environment.put("SMTP_HOST", "smtp.example"); // what /etc/lastcall/environment says
    AppConfig config = accepted(environment);

    assertFits(Integer.parseInt(setting("TimeoutStopSec")), config);
    assertTrue(
        config.database().directory().startsWith("/var/lib/" + setting("StateDirectory")),
        () -> config.database().directory() + " is not what the unit lets it write");
    assertEquals("75", setting("SuccessExitStatus"), "all is kept: no failure");
    assertEquals("on-failure", setting("Restart"));
  }

  /** Unbounded, the heap takes a quarter of the machine; and the outbox needs no last words. */
  @Test
  void whateverStartsItBoundsTheHeapAndEndsWhenItIsFull() {
    List<String> starts =
        List.of("pom.xml", "src/main/sh/lastcall", "src/main/container/Containerfile");
    for (String start : starts) {
      assertTrue(text(start).contains("-Xmx512m"), start);
      assertTrue(text(start).contains("-XX:+UseSerialGC"), start);
      assertTrue(text(start).contains("-XX:+ExitOnOutOfMemoryError"), start);
    }
    assertTrue(unit.contains("ExecStart=/opt/lastcall/lastcall\n"), "by the script");
  }

  @Test
  void probesAskTheManagementPort() {
    Map<String, String> probes =
        Map.of("startupProbe", "started", "livenessProbe", "live", "readinessProbe", "ready");
    probes.forEach((probe, path) -> {
      assertEquals("management", at(container, probe, "httpGet", "port"));
      assertEquals("/observe/health/" + path, at(container, probe, "httpGet", "path"));
    });
    assertEquals("api", at(yaml("service.yaml"), "spec", "ports", 0, "targetPort"));
  }

  @Test
  void neverFewerThanAllDuringAnUpdate() {
    Object update = at(deployment, "spec", "strategy", "rollingUpdate");
    assertEquals(0, at(update, "maxUnavailable"));
    assertEquals(1, at(update, "maxSurge"));
    assertTrue((Integer) at(deployment, "spec", "replicas") > 1);
    assertEquals(1, at(yaml("disruption-budget.yaml"), "spec", "maxUnavailable"));
  }

  @Test
  void itMayDoNothingItNeedNot() {
    assertEquals(false, at(pod, "enableServiceLinks"));
    assertEquals(false, at(pod, "automountServiceAccountToken"));
    assertEquals(true, at(pod, "securityContext", "runAsNonRoot"));
    assertEquals("RuntimeDefault", at(pod, "securityContext", "seccompProfile", "type"));
    Object rights = at(container, "securityContext");
    assertEquals(false, at(rights, "allowPrivilegeEscalation"));
    assertEquals(true, at(rights, "readOnlyRootFilesystem"));
    assertEquals(List.of("ALL"), at(rights, "capabilities", "drop"));
    assertEquals(
        at(container, "resources", "requests", "memory"),
        at(container, "resources", "limits", "memory"));
    at(container, "resources", "limits", "cpu"); // or the node's cores hash at a time
    assertEquals("/tmp", at(container, "volumeMounts", 0, "mountPath"), "the JVM writes there");
  }

  @Test
  void selectorsFindThePods() {
    Object labels = at(deployment, "spec", "template", "metadata", "labels");
    assertEquals(labels, at(deployment, "spec", "selector", "matchLabels"));
    assertEquals(labels, at(pod, "topologySpreadConstraints", 0, "labelSelector", "matchLabels"));
    assertEquals(labels, at(yaml("service.yaml"), "spec", "selector"));
    assertEquals(labels, at(yaml("disruption-budget.yaml"), "spec", "selector", "matchLabels"));
  }

  @Test
  void theImageFitsBuildAndPod() {
    assertEquals("65532:65532", instruction("USER"));
    assertEquals(65532, at(pod, "securityContext", "runAsUser"));
    assertEquals("SIGTERM", instruction("STOPSIGNAL"));
    // A list, or a shell would stand between the signal and java.
    assertTrue(instruction("ENTRYPOINT").startsWith("[\"java\", \"@/opt/lastcall/java"));
    assertEquals(2, found("(?m)^(FROM) \\S+:\\S*\\$\\{JDK}", containerfile).size(), "one JDK");
    String version = found("<version>(.*?)<", text("pom.xml")).getFirst();
    assertEquals("lastcall:" + version, at(container, "image"));
    assertTrue(containerfile.contains("image.version=\"" + version + "\""), version);
  }

  /** Loads it, and checks that each variable stands for a key. */
  private static AppConfig accepted(Map<String, String> environment) throws ConfigException {
    Set<String> asked = new HashSet<>();
    ConfigLoader loader =
        new ConfigLoader(
            name -> {
              asked.add(name);
              return environment.get(name);
            },
            Map.of());
    AppConfig config = loader.load(null);
    Set<String> unknown = new HashSet<>(environment.keySet());
    unknown.removeAll(asked);
    assertEquals(Set.of(), unknown, "set, but no key is called so");
    assertEquals(AppConfig.Env.PRODUCTION, config.env());
    return config;
  }

  /** The parts of the stop were held against the deadline when the configuration was loaded. */
  private static void assertFits(int seconds, AppConfig config) {
    Duration halted = config.shutdown().deadline().plus(App.FORCE_AFTER_DEADLINE);
    assertTrue(
        Duration.ofSeconds(seconds).compareTo(halted.plus(MARGIN)) >= 0,
        () -> "killed after " + seconds + " s, but only after " + halted + " it halts itself");
  }

  private String setting(String key) {
    return found("(?m)^" + key + "=(.*)$", unit).getFirst();
  }

  private String instruction(String name) {
    return found("(?m)^" + name + " (.*)$", containerfile).getFirst();
  }

  private static List<String> found(String regex, String text) {
    return Pattern.compile(regex).matcher(text).results().map(r -> r.group(1)).toList();
  }

  private static Object yaml(String name) {
    return new Yaml().load(text("src/main/kubernetes/" + name));
  }

  private static Object at(Object tree, Object... path) {
    Object found = tree;
    for (Object step : path) {
      found = step instanceof Integer i ? ((List<?>) found).get(i) : ((Map<?, ?>) found).get(step);
      assertNotNull(found, () -> List.of(path) + " has no " + step);
    }
    return found;
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
