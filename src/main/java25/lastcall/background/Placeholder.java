package lastcall.background;

import java.util.concurrent.StructuredTaskScope;

final class Placeholder {
  private Placeholder() {}

  static void run() {
    try (var scope = StructuredTaskScope.open()) {
      System.out.println("25" + scope);
    }
  }
}
