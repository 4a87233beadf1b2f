package lastcall.background;

import java.util.concurrent.StructuredTaskScope;

final class Placeholder {
  private Placeholder() {}

  static void run() {
    try (var scope = new StructuredTaskScope<Object>()) {
      System.out.println("21" + scope);
    }
  }
}
