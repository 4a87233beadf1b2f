package lastcall.management;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** {@code GET /observe/metrics}: Prometheus text, or OpenMetrics for a client that accepts it. */
public final class MetricsPage implements HttpFeature {
  private final Metrics metrics;
  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

  public MetricsPage(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/observe/metrics", this::scrape);
  }

  private void scrape(ServerRequest request, ServerResponse response) {
    String accept = request.headers().first(HeaderNames.ACCEPT).orElse("");
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
    ByteArrayOutputStream answer = new ByteArrayOutputStream(16 * 1024);
    try {
      writer.write(answer, metrics.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the bytes are written to memory
    }
    response.header(HeaderNames.CONTENT_TYPE, writer.getContentType());
    response.send(answer.toByteArray());
  }
}
