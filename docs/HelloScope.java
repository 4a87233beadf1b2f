import java.util.concurrent.StructuredTaskScope;

/**
 * Five tasks say hello, and main waits for them: what Go does with a wait group. Runs on JDK 25
 * to 28 (21 to 24 have another API), where N is the JDK's number:
 *
 * <pre>java --enable-preview --source N docs/HelloScope.java</pre>
 */
final class HelloScope {
  public static void main(String[] args) throws Exception {
    try (var scope = StructuredTaskScope.open()) { // var: its type has one parameter more on 27
      for (int i = 1; i <= 5; i++) {
        int number = i;
        scope.fork(() -> System.out.println("hello from task " + number)); // wg.Add(1), go, Done
      }
      scope.join(); // wg.Wait(), but a task that fails cancels the others and is thrown here
    } // and nobody gets past this line while a task lives
    System.out.println("main: all five have said hello");
  }
}
