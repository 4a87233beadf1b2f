package lastcall.drill;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The rows for programs: an array of objects. */
final class JsonRows {
  private JsonRows() {}

  /** Writes the whole file, or leaves what was there. */
  static void write(List<Row> rows, Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Path unfinished = target.resolveSibling(target.getFileName() + ".unfinished");
    try {
      try (OutputStream out = Files.newOutputStream(unfinished);
          JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), out)) {
        json.writeStartArray();
        for (Row row : rows) {
          json.writeRaw('\n');
          write(row, json);
        }
        json.writeRaw('\n');
        json.writeEndArray();
        json.writeRaw('\n');
      }
      Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static void write(Row row, JsonGenerator json) {
    Scenario scenario = row.scenario();
    json.writeStartObject()
        .writeStringProperty("strategy", scenario.strategy())
        .writeStringProperty("queue", scenario.queue())
        .writeStringProperty("signal", scenario.signal().text())
        .writeStringProperty("smtp_delay", Durations.text(scenario.smtp().delay()))
        .writeStringProperty("signal_at", scenario.moment())
        .writeNumberProperty("signups", scenario.load().signups())
        .writeNumberProperty("clients", scenario.load().clients())
        .writeBooleanProperty("restart", scenario.restart())
        .writeNumberProperty("seed", scenario.seed())
        .writeNumberProperty("repeat", scenario.repeat());
    Scenario.Crash crash = scenario.crash();
    if (crash != null) {
      json.writeStringProperty("crash_point", crash.point().spelled());
    }
    switch (row) {
      case Row.Counted counted -> write(counted, json);
      case Row.Failed failed -> json.writeStringProperty("error", failed.why());
    }
    json.writeBooleanProperty("holds", row.broken().isEmpty()).writeEndObject();
  }

  private static void write(Row.Counted row, JsonGenerator json) {
    Counts counts = row.counts();
    json.writeNumberProperty("lost", counts.lost())
        .writeNumberProperty("kept", counts.kept())
        .writeNumberProperty("duplicates", counts.duplicates())
        .writeNumberProperty("in_flight_at_the_kill", row.inFlight())
        .writeNumberProperty("accepted", counts.accepted())
        .writeNumberProperty("delivered", counts.delivered());
    Integer unknown = row.unknown();
    if (unknown == null) {
      json.writeNullProperty("unknown");
    } else {
      json.writeNumberProperty("unknown", unknown);
    }
    json.writeNumberProperty("requests_refused", counts.refused())
        .writeNumberProperty("requests_cut_off", counts.cutOff())
        .writeNumberProperty("stored_but_never_answered", counts.unanswered())
        .writeNumberProperty("strange", counts.strange())
        .writeNumberProperty("seconds_from_signal_to_exit", Math.round(row.seconds() * 1e3) / 1e3)
        .writeNumberProperty("exit_status", row.status());
    Row.Recovery recovery = row.recovery();
    if (recovery != null) {
      json.writeNumberProperty("due_at_restart", recovery.due())
          .writeNumberProperty("recovered", recovery.recovered())
          .writeStringProperty("recovered_by", recovery.by())
          .writeNumberProperty("seconds_to_recover", Math.round(recovery.seconds() * 1e3) / 1e3);
    }
  }
}
