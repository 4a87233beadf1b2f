package lastcall.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The metrics of a running service, as Prometheus gets them. */
public record Scrape(String text) {
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");

  /** An IOException once the process is gone. */
  public static Scrape of(int managementPort) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + managementPort + "/observe/metrics");
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new AssertionError(answer.statusCode() + " " + answer.body());
      }
      return new Scrape(answer.body());
    }
  }

  /** NaN if there is no such series. */
  public double value(String series) {
    Pattern line = Pattern.compile("(?m)^" + Pattern.quote(series) + " (\\S+)$");
    Matcher found = line.matcher(text);
    return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
  }

  /** All values of this label. */
  public Set<String> labels(String label) {
    Pattern pair = Pattern.compile("[{,]" + label + "=\"([^\"]*)\"");
    return pair.matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The names by which a query may ask. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    TYPE.matcher(text)
        .results()
        .forEach(found -> {
          String name = found.group(1);
          boolean summary = found.group(2).equals("summary");
          boolean histogram = found.group(2).equals("histogram");
          if (summary || histogram) {
            names.add(name + "_sum");
            names.add(name + "_count");
          }
          names.add(histogram ? name + "_bucket" : name);
        });
    return names;
  }

  /** The names without what a type adds to them. */
  public Set<String> families() {
    return TYPE.matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
