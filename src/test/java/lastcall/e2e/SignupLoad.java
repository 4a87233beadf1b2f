package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.drill.SignupClient;
import lastcall.testing.TestDatabase;

/** Four clients that sign up until they are stopped; an answer other than 202 or 503 fails. */
final class SignupLoad implements AutoCloseable {
  private final Set<String> accepted = Collections.synchronizedSet(new TreeSet<>());
  private final AtomicInteger names = new AtomicInteger();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> clients = new ArrayList<>();

  SignupLoad(int port) {
    for (int i = 0; i < 4; i++) {
      clients.add(
          threads.submit(() -> {
            try (SignupClient client = new SignupClient(port)) {
              while (!stop.get()) {
                String email = "load" + names.incrementAndGet() + "@example.org";
                int status = client.signUp(email).status();
                assertTrue(status == 202 || status == 503, email + " " + status);
                if (status == 202) {
                  accepted.add(email);
                }
              }
            }
            return null;
          }));
    }
  }

  /** Until so many more are accepted. */
  void await(int more) {
    int before = accepted.size();
    TestDatabase.await("accepted " + more, () -> accepted.size() >= before + more || failed());
  }

  private boolean failed() {
    return clients.stream().anyMatch(Future::isDone);
  }

  Set<String> stop() throws Exception {
    stop.set(true);
    for (Future<?> client : clients) {
      client.get();
    }
    return new TreeSet<>(accepted);
  }

  @Override
  public void close() {
    stop.set(true);
    threads.close();
  }
}
