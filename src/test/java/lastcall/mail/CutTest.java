package lastcall.mail;

import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.mail;
import static lastcall.mail.MailFixture.mailer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import lastcall.testing.Proves;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cutting sends off: before the final dot it never arrives, after it the answer is waited for. */
class CutTest {
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
  private final Set<String> notSent = new HashSet<>();
  private ScriptedSmtpServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedSmtpServer();
  }

  @AfterEach
  void stop() throws IOException {
    threads.shutdownNow();
    server.close();
  }

  private static SendOutcome get(Future<SendOutcome> result)
      throws InterruptedException, ExecutionException, TimeoutException {
    return result.get(GUARD.toSeconds(), TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"CONNECT", "EHLO", "MAIL", "RCPT", "DATA"})
  void beforeTheDotItIsNotSent(Step step) throws Exception {
    server.always(step, Action.silence());
    try (AngusMailer mailer = mailer(server.port())) {
      Future<SendOutcome> result = threads.submit(() -> mailer.send(mail("a"), () -> true));
      server.awaitReached(step, 1, GUARD);
      mailer.cutUnsent();
      assertInstanceOf(SendOutcome.NotSent.class, get(result));
      server.behave();
      assertInstanceOf(SendOutcome.NotSent.class, mailer.send(mail("b"), () -> true));
    }
    assertEquals(Map.of(), server.countsById());
  }

  @Test
  void afterTheDotItIsLeftAloneUntilAllAreCut() throws Exception {
    server.on(Step.DOT, Action.silence(), 1);
    AngusMailer mailer = mailer(server.port());
    Future<SendOutcome> result = threads.submit(() -> mailer.send(mail("a"), () -> true));
    server.awaitReached(Step.DOT, 1, GUARD);
    mailer.cutUnsent();
    assertFalse(result.isDone());
    mailer.close(); // waits for nothing
    assertFalse(result.isDone());
    mailer.cutAll();
    assertInstanceOf(SendOutcome.Unknown.class, get(result));
  }

  @Test
  void anAnswerThatComesAfterTheCutCounts() throws Exception {
    server.delay(Duration.ofMillis(100));
    try (AngusMailer mailer = mailer(server.port())) {
      Future<SendOutcome> result = threads.submit(() -> mailer.send(mail("a"), () -> true));
      server.awaitReached(Step.DOT, 1, GUARD);
      mailer.cutUnsent();
      assertInstanceOf(SendOutcome.Sent.class, get(result));
    }
  }

  @Test
  void aCutWhileTheCallerIsAskedWins() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch cut = new CountDownLatch(1);
    try (AngusMailer mailer = mailer(server.port())) {
      Future<SendOutcome> result =
          threads.submit(() ->
              mailer.send(
                  mail("a"),
                  () -> {
                    asked.countDown();
                    awaitOrFail(cut);
                    return true;
                  }));
      awaitOrFail(asked);
      mailer.cutUnsent();
      cut.countDown();
      assertInstanceOf(SendOutcome.NotSent.class, get(result));
      assertEquals(0, server.reached(Step.DATA));
    }
  }

  /**
   * Seconds may lie between DATA and the final dot: another instance may own the e-mail by then.
   */
  @Test
  @Proves("P4")
  void aLeaseLostBetweenDataAndTheFinalDotIsNotSent() throws Exception {
    try (AngusMailer mailer = mailer(server.port())) {
      assertInstanceOf(
          SendOutcome.NotSent.class, mailer.send(mail("a"), () -> server.reached(Step.DATA) == 0));
      server.awaitNoConnections(GUARD); // so it was not kept, and all that came on it is read
      assertEquals(1, server.reached(Step.DATA));
      assertEquals(0, server.reached(Step.DOT));
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("b"), () -> true));
    }
    assertEquals(Map.of("b@lastcall.example", 1), server.countsById());
  }

  private static void awaitOrFail(CountDownLatch latch) {
    try {
      assertTrue(latch.await(GUARD.toSeconds(), TimeUnit.SECONDS), "latch stayed closed");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anInterruptOnAVirtualThreadCountsByPhase() throws Exception {
    for (Step step : new Step[] {Step.EHLO, Step.DATA, Step.DOT}) {
      server.behave();
      server.always(step, Action.silence());
      int before = server.reached(step);
      try (AngusMailer mailer = mailer(server.port())) {
        List<SendOutcome> outcome = new ArrayList<>();
        Thread sender =
            Thread.startVirtualThread(() -> outcome.add(mailer.send(mail("a"), () -> true)));
        server.awaitReached(step, before + 1, GUARD);
        sender.interrupt();
        assertTrue(sender.join(GUARD), "stuck at " + step);
        Class<? extends SendOutcome> expected =
            step == Step.DOT ? SendOutcome.Unknown.class : SendOutcome.NotSent.class;
        assertEquals(expected, outcome.getFirst().getClass());
      }
    }
  }

  /** Races the cut against the dot and compares what the mailer says with what the server has. */
  @Test
  void whateverTheMomentTheOutcomeIsTrue() throws Exception {
    long seed = System.nanoTime();
    System.out.println("CutTest seed " + seed);
    Random random = new Random(seed);
    Map<String, Integer> outcomes = new TreeMap<>();
    for (int round = 0; round < 300; round++) {
      int senders = 4;
      int before = server.reached(Step.DATA);
      List<Future<SendOutcome>> results = new ArrayList<>();
      try (AngusMailer mailer = mailer(server.port())) {
        for (int i = 0; i < senders; i++) {
          OutgoingMail mail = mail("r" + round + "." + i);
          results.add(threads.submit(() -> mailer.send(mail, () -> true)));
        }
        if (random.nextBoolean()) {
          LockSupport.parkNanos(random.nextLong(4_000_000));
        } else { // close to the dot of one of them
          server.awaitReached(Step.DATA, before + 1, GUARD);
          LockSupport.parkNanos(random.nextLong(200_000));
        }
        mailer.cutUnsent();
        if (random.nextBoolean()) {
          LockSupport.parkNanos(random.nextLong(300_000));
          mailer.cutAll();
        }
        for (int i = 0; i < senders; i++) {
          SendOutcome outcome = get(results.get(i));
          outcomes.merge(outcome.getClass().getSimpleName(), 1, Integer::sum);
          check("r" + round + "." + i + "@lastcall.example", outcome);
        }
      }
    }
    System.out.println("CutTest outcomes " + outcomes);
    server.awaitNoConnections(GUARD); // a message could still be on its way
    notSent.retainAll(server.countsById().keySet());
    assertEquals(Set.of(), notSent);
    assertTrue(outcomes.containsKey("Sent") && outcomes.containsKey("NotSent"), "" + outcomes);
  }

  private void check(String id, SendOutcome outcome) {
    int taken = server.countsById().getOrDefault(id, 0);
    switch (outcome) {
      case SendOutcome.Sent s -> assertEquals(1, taken, id);
      case SendOutcome.NotSent n -> notSent.add(id);
      case SendOutcome.Unknown u -> assertTrue(taken <= 1, id);
      case SendOutcome.Refused r -> throw new AssertionError(outcome);
      case SendOutcome.Deferred d -> throw new AssertionError(outcome);
      case SendOutcome.ServerTrouble t -> throw new AssertionError(outcome);
      case SendOutcome.Failed f -> throw new AssertionError(outcome);
    }
  }
}
