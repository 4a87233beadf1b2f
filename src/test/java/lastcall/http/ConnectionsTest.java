package lastcall.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class ConnectionsTest {
  @Test
  void fewerThanThereAreDescriptorsFor() {
    assertEquals(2048, Connections.most(2048, 1_048_576, 60, 96));
    assertEquals(708, Connections.most(2048, 1024, 60, 96));
    assertEquals(40, Connections.most(2048, 220, 60, 96), "a quarter at least");
    assertEquals(1, Connections.most(2048, 20, 60, 96));
  }

  @Test
  void readsTheLimitThatHoldsNow() {
    String limits =
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             94037                94037                processes
        Max open files            1024                 524288               files
        """;
    assertEquals(1024, Connections.limit(limits));
    assertEquals(Long.MAX_VALUE, Connections.limit(limits.replace("1024", "unlimited")));
    assertEquals(Long.MAX_VALUE, Connections.limit(""));
  }
}
