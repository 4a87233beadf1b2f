package lastcall.management;

import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmRuntimeInfoMetric;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** All metrics of this process. Those with labels have their values from the start, where known. */
final class Meters {
  /** Not the library's defaults, which it reads from the environment and from files. */
  private static final PrometheusProperties PROPERTIES = PrometheusProperties.builder().build();

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AtomicBoolean jvm = new AtomicBoolean();

  Counter counter(String name, String help, String label, List<String> values) {
    Counter counter =
        Counter.builder(PROPERTIES)
            .name(name)
            .help(help)
            .labelNames(label)
            .withoutExemplars()
            .register(registry);
    values.forEach(counter::initLabelValues);
    return counter;
  }

  void counter(String name, String help, LongSupplier value) {
    CounterWithCallback.builder(PROPERTIES)
        .name(name)
        .help(help)
        .callback(callback -> callback.call((double) value.getAsLong()))
        .register(registry);
  }

  /** One count for each value of the label, all asked for at once. */
  void counter(String name, String help, String label, Supplier<Map<String, Long>> values) {
    CounterWithCallback.builder(PROPERTIES)
        .name(name)
        .help(help)
        .labelNames(label)
        .callback(callback -> values.get().forEach((key, value) -> callback.call(value, key)))
        .register(registry);
  }

  Histogram histogram(String name, String help, double[] upTo, String... labels) {
    return Histogram.builder(PROPERTIES)
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(upTo)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder(PROPERTIES)
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** One number for each value of the label, all asked for at once. */
  void gauge(String name, String help, String label, Supplier<Map<String, Double>> values) {
    GaugeWithCallback.builder(PROPERTIES)
        .name(name)
        .help(help)
        .labelNames(label)
        .callback(callback -> values.get().forEach((key, value) -> callback.call(value, key)))
        .register(registry);
  }

  /** The JVM's own come with the first scrape: their beans take longer to load than all of ours. */
  MetricSnapshots scrape() {
    if (jvm.compareAndSet(false, true)) {
      JvmGarbageCollectorMetrics.builder(PROPERTIES).register(registry);
      JvmMemoryMetrics.builder(PROPERTIES).register(registry);
      JvmRuntimeInfoMetric.builder(PROPERTIES).register(registry);
      JvmThreadsMetrics.builder(PROPERTIES).register(registry);
      ProcessMetrics.builder(PROPERTIES).register(registry);
    }
    return registry.scrape();
  }
}
