package lastcall.management;

import io.helidon.webserver.http.HttpFeature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import lastcall.admin.InstanceRows;
import lastcall.admin.OutboxAdmin;
import lastcall.catcher.EmbeddedMail;
import lastcall.config.AppConfig;
import lastcall.http.OpenApiDocument;
import lastcall.outbox.StopCounts;
import org.jspecify.annotations.Nullable;

/** The management port with all that it shows. Everything it knows, it was told or has read. */
public final class Management {
  private final Watch watch;
  private final DatabaseView database;
  private final ManagementServer server;

  /**
   * The state of this process, asked on the threads of requests: nothing here may block.
   *
   * @param started true once the API's port accepts
   * @param requests admitted and not yet answered
   * @param passwords waiting for a hash, or being hashed
   * @param refusedBusy sign-ups, since the start, that would have waited too long for their hash
   * @param inFlight e-mails that are claimed here and have no recorded result
   * @param smtpConnections open, in use or kept
   * @param logLinesDropped since the start
   */
  public record Sources(
      Supplier<Readiness> liveness,
      Supplier<Readiness> readiness,
      BooleanSupplier started,
      BooleanSupplier databaseHealthy,
      IntSupplier requests,
      IntSupplier passwords,
      IntSupplier refusedBusy,
      IntSupplier inFlight,
      IntSupplier smtpConnections,
      LongSupplier logLinesDropped) {}

  /**
   * @param owner of the claims, the name of this process
   * @param mail null if e-mails go to another mail server
   */
  public Management(
      AppConfig config,
      String owner,
      String version,
      Watch watch,
      Sources sources,
      @Nullable EmbeddedMail mail) {
    this.watch = watch;
    InstanceRows.Row serving = serving(owner, version);
    OutboxAdmin outbox = new OutboxAdmin(config.database());
    database =
        new DatabaseView(
            new InstanceRows(config.database()),
            outbox,
            config.database().file() == null,
            () -> watch.stop().row(serving));
    watch.stop().onChange(database::changed);
    StatusView view = new StatusView(serving, config.delivery(), watch, sources, database);
    Access access = new Access(config.management());
    Pages pages = new Pages(access, () -> everywhere(view, config.smtp().embedded()));
    List<HttpFeature> features = new ArrayList<>();
    features.add(new LoginPage(pages));
    features.add(new StatusPages(pages, view));
    features.add(new OutboxPages(pages, outbox));
    features.add(new OutboxApi(pages, outbox));
    features.add(new OpenApiDocument("/lastcall/management/openapi.json"));
    watch.metrics().look(sources, watch.stop(), database);
    features.add(new MetricsPage(watch.metrics()));
    features.addAll(mailbox(pages, mail));
    server =
        new ManagementServer(
            config.management(),
            sources.liveness(),
            sources.readiness(),
            sources.started(),
            access,
            features);
  }

  static List<HttpFeature> mailbox(Pages pages, @Nullable EmbeddedMail mail) {
    if (mail == null) {
      return List.of(new NoMailbox());
    }
    FewReaders few = new FewReaders();
    return List.of(
        new MailboxPages(pages, mail, few),
        new MailWaitApi(pages, mail.mailbox()),
        new MailboxApi(pages, mail, few));
  }

  private static InstanceRows.Row serving(String owner, String version) {
    String host = System.getenv("HOSTNAME"); // a pod's name; asking DNS could take seconds
    return new InstanceRows.Row(
        owner,
        host == null || host.isBlank() ? "localhost" : host,
        ProcessHandle.current().pid(),
        version,
        System.currentTimeMillis(),
        0,
        "serving",
        null,
        null,
        null,
        null,
        null,
        null,
        null);
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

  /** It serves: from here on there is a row of this process, which tells how it ends. */
  public void serving() {
    database.start();
  }

  /**
   * The stop has done all but closing the database: how it ended is kept there for the next start.
   *
   * @param patience for the database
   */
  public void stopped(StopCounts counts, int status, Duration patience)
      throws InterruptedException {
    watch.stop().ended(counts, status);
    database.changed(patience);
  }

  /** The port that was bound. */
  public int port() {
    return server.port();
  }
}
