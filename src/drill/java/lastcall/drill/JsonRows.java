package lastcall.drill;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What programs read: the rows of a drill as an array of objects, the figures of a bench. */
final class JsonRows {
  private JsonRows() {}

  static void write(List<Row> rows, Path file) throws IOException {
    write(
        file,
        json -> {
          json.writeStartArray();
          for (Row row : rows) {
            json.writeRaw('\n');
            write(row, json);
          }
          json.writeRaw('\n');
          json.writeEndArray();
          json.writeRaw('\n');
        });
  }

  /** One value of maps, lists, texts, numbers, booleans and null. */
  static void write(Map<String, ?> tree, Path file) throws IOException {
    write(file, json -> write(tree, json));
  }

  private static void write(Path file, Consumer<JsonGenerator> content) throws IOException {
    WholeFile.write(
        file,
        out -> {
          try (JsonGenerator json =
              new JsonFactory().createGenerator(ObjectWriteContext.empty(), out)) {
            content.accept(json);
          }
        });
  }

  private static void write(@Nullable Object value, JsonGenerator json) {
    switch (value) {
      case null -> json.writeNull();
      case Map<?, ?> map -> {
        json.writeStartObject();
        map.forEach((key, each) -> write(each, json.writeName(key.toString())));
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        list.forEach(each -> write(each, json));
        json.writeEndArray();
      }
      case Double number -> json.writeNumber(millis(number));
      case Integer number -> json.writeNumber(number);
      case Boolean truth -> json.writeBoolean(truth);
      default -> json.writeString(value.toString());
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
        .writeNumberProperty("clients", scenario.load().clients())
        .writeBooleanProperty("restart", scenario.restart())
        .writeNumberProperty("instances", scenario.fleet().instances())
        .writeBooleanProperty("rolling", scenario.fleet().rolling())
        .writeNumberProperty("due_before", scenario.fleet().due())
        .writeNumberProperty("seed", scenario.seed())
        .writeNumberProperty("repeat", scenario.repeat());
    if (!scenario.load().open()) {
      json.writeNumberProperty("signups", scenario.load().signups());
    }
    DatabaseTrouble trouble = scenario.fleet().trouble();
    if (trouble != null) {
      json.writeStringProperty("database_trouble", trouble.text());
    }
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
        .writeNumberProperty("half_done", row.halfDone())
        .writeNumberProperty("pruned", row.pruned())
        .writeNumberProperty("in_flight_at_the_kill", row.inFlight())
        .writeNumberProperty("accepted", counts.accepted())
        .writeNumberProperty("delivered", counts.delivered());
    Integer unknown = row.unknown();
    if (unknown == null) {
      json.writeNullProperty("unknown");
    } else {
      json.writeNumberProperty("unknown", unknown);
    }
    json.writeNumberProperty("requests_repeated", row.repeated())
        .writeNumberProperty("requests_refused", counts.refused())
        .writeNumberProperty("requests_cut_off", counts.cutOff())
        .writeNumberProperty("stored_but_never_answered", counts.unanswered())
        .writeNumberProperty("strange", counts.strange())
        .writeNumberProperty("seconds_from_signal_to_exit", millis(row.seconds()))
        .writeNumberProperty("exit_status", row.status())
        .writeNumberProperty("emails_per_second", millis(row.pace().perSecond()));
    Double takeover = row.pace().takeover();
    if (takeover != null) {
      json.writeNumberProperty("takeover_seconds", millis(takeover));
    }
    Row.Outage outage = row.pace().outage();
    if (outage != null) {
      json.writeNumberProperty("outage_seconds", millis(outage.seconds()))
          .writeNumberProperty("all_serve_seconds", millis(outage.all()))
          .writeNumberProperty("instances_stuck", outage.stuck())
          .writeNumberProperty("answers_503", outage.unavailable())
          .writeNumberProperty("accepted_not_stored", outage.gone());
    }
    RateKept kept = row.pace().kept();
    if (kept != null) {
      json.writeStringProperty("delivery_rate", kept.rate().toString())
          .writeNumberProperty("ahead_of_rate", millis(kept.ahead()))
          .writeNumberProperty("most_in_a_second", kept.inSecond());
    }
    Row.Recovery recovery = row.recovery();
    if (recovery != null) {
      json.writeNumberProperty("due_at_restart", recovery.due())
          .writeNumberProperty("recovered", recovery.recovered())
          .writeStringProperty("recovered_by", recovery.by())
          .writeNumberProperty("seconds_to_recover", millis(recovery.seconds()));
    }
  }

  /** Three places behind the point are enough. */
  private static double millis(double value) {
    return Math.round(value * 1e3) / 1e3;
  }
}
