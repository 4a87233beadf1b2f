package lastcall.outbox;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import lastcall.mail.Mailer;
import lastcall.mail.OutgoingMail;
import lastcall.mail.SendOutcome;

/** Answers as it is told, and counts. */
final class StubMailer implements Mailer {
  volatile Function<String, SendOutcome> answers = name -> new SendOutcome.Sent();
  final Map<String, AtomicInteger> sends = new ConcurrentHashMap<>();
  final AtomicInteger running = new AtomicInteger();
  final AtomicInteger most = new AtomicInteger();

  @Override
  public SendOutcome send(OutgoingMail mail, BooleanSupplier mayGoOn) {
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    try {
      sends.computeIfAbsent(mail.data(), name -> new AtomicInteger()).incrementAndGet();
      return mayGoOn.getAsBoolean() ? answers.apply(mail.data()) : new SendOutcome.NotSent("lease");
    } finally {
      running.decrementAndGet();
    }
  }

  int total() {
    return sends.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  @Override
  public void cutUnsent() {}

  @Override
  public void cutAll() {}

  @Override
  public void close() {}
}
