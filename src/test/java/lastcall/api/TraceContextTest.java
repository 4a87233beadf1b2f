package lastcall.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.helidon.http.HeaderNames;
import io.helidon.http.WritableHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceContextTest {
  private static final String GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private static WritableHeaders<?> headers(String... values) {
    WritableHeaders<?> headers = WritableHeaders.create();
    return values.length == 0 ? headers : headers.set(HeaderNames.create("traceparent"), values);
  }

  @Test
  void oneValidValueIsTaken() {
    assertEquals(GOOD, TraceContext.of(headers(GOOD)));
    assertEquals(null, TraceContext.of(headers()));
    assertEquals(null, TraceContext.of(headers(GOOD, GOOD)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
      })
  void everyOtherIsIgnored(String value) {
    assertEquals(null, TraceContext.of(headers(value)));
  }
}
