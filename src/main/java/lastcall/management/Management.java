package lastcall.management;

import io.helidon.webserver.http.HttpFeature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import lastcall.config.AppConfig;
import lastcall.http.OpenApiDocument;

/** The management port with all that it shows. Everything it knows, it was told or has read. */
public final class Management {
  private final ManagementServer server;

  /** The health of this process, asked at every probe, on the probe's thread: none may block. */
  public record Health(
      Supplier<Readiness> liveness, Supplier<Readiness> readiness, BooleanSupplier started) {}

  public Management(AppConfig.Management config, Health health, boolean mailbox, StatusView view) {
    Access access = new Access(config);
    Pages pages = new Pages(access, () -> everywhere(view, mailbox));
    List<HttpFeature> features = new ArrayList<>();
    features.add(new LoginPage(pages));
    features.add(new StatusPages(pages, view));
    features.add(new OpenApiDocument("/lastcall/management/openapi.json"));
    server =
        new ManagementServer(
            config, health.liveness(), health.readiness(), health.started(), access, features);
  }

  /** What every page shows. */
  private static Map<String, Object> everywhere(StatusView view, boolean mailbox) {
    Map<String, Object> tree = new HashMap<>();
    tree.put("mailbox", mailbox);
    tree.put("stopping", view.stopping());
    tree.put("paused", view.paused());
    return tree;
  }

  /**
   * @throws IllegalStateException when the address can't be had; Helidon has logged why
   */
  public void start() {
    server.start();
  }

  /** The port that was bound. */
  public int port() {
    return server.port();
  }
}
