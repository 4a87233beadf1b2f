package lastcall.jfr;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.FlightRecorder;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import lastcall.shutdown.ShutdownPhase;
import lastcall.store.DueMail;
import lastcall.store.StoreEvent;
import lastcall.store.StoreListener;
import org.jspecify.annotations.Nullable;

/** Makes the events. Before the first recording of this process it does not even load them. */
public final class FlightEvents implements DeliveryListener, StoreListener {
  private final Map<String, SendEvent> sends = new ConcurrentHashMap<>();
  private @Nullable CommitEvent commit; // only the writer thread uses it

  @Override
  public void on(DeliveryEvent event) {
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    if (event instanceof DeliveryEvent.Claimed(DueMail mail)) {
      claimed(mail);
    } else if (event instanceof DeliveryEvent.Began(DueMail mail)) {
      SendEvent send = new SendEvent();
      if (send.isEnabled()) {
        send.begin();
        sends.put(mail.id(), send);
      }
    } else if (event instanceof DeliveryEvent.Ended ended) {
      ended(ended);
    }
  }

  private static void claimed(DueMail mail) {
    ClaimEvent claim = new ClaimEvent();
    if (claim.shouldCommit()) {
      claim.id = mail.id();
      claim.attempt = mail.attempts();
      claim.commit();
    }
  }

  /** One that began before the recording has no duration. */
  private void ended(DeliveryEvent.Ended ended) {
    SendEvent begun = sends.remove(ended.mail().id());
    SendEvent send = begun == null ? new SendEvent() : begun;
    send.end();
    if (send.shouldCommit()) {
      send.id = ended.mail().id();
      send.attempt = ended.mail().attempts();
      send.outcome = ended.outcome().word();
      send.state = ended.result().state().name().toLowerCase(Locale.ROOT);
      send.commit();
    }
  }

  @Override
  public void on(StoreEvent event) {
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    if (event instanceof StoreEvent.Committing) {
      commit = new CommitEvent();
      commit.begin();
    } else if (event instanceof StoreEvent.Committed(int calls, Duration took) && commit != null) {
      commit.end();
      if (commit.shouldCommit()) {
        commit.calls = calls;
        commit.whole = took.toNanos();
        commit.commit();
      }
      commit = null;
    }
  }

  /** The same phases, each with an event. */
  public static List<ShutdownPhase> recorded(List<ShutdownPhase> phases) {
    return phases.stream()
        .map(phase ->
            new ShutdownPhase(
                phase.name(),
                phase.why(),
                phase.bound(),
                FlightRecorder.isInitialized() ? recorded(phase) : phase.step()))
        .toList();
  }

  private static ShutdownPhase.Step recorded(ShutdownPhase phase) {
    return until -> {
      StopPhaseEvent event = new StopPhaseEvent();
      event.begin();
      event.phase = phase.name();
      event.failed = true; // unless it comes to its end
      try {
        phase.step().run(until);
        event.failed = false;
      } finally {
        event.commit();
      }
    };
  }
}
