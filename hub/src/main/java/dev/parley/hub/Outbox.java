package dev.parley.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;

/**
 * What a shard has for one event loop, gathered during a turn and handed over in one go. Confined
 * to the shard thread; what it hands over belongs to the loop.
 */
final class Outbox {
  private final Executor loop;
  private final HubObserver observer;
  private final LongSupplier nanoTime;
  private List<LoopEvent> events = new ArrayList<>();

  Outbox(Executor loop, HubObserver observer, LongSupplier nanoTime) {
    this.loop = loop;
    this.observer = observer;
    this.nanoTime = nanoTime;
  }

  Executor loop() {
    return loop;
  }

  void add(LoopEvent event) {
    events.add(event);
  }

  /** Hands over; false when the loop takes no more: it has ended, and its followers with it. */
  boolean flush(long now) {
    if (events.isEmpty()) {
      return true;
    }
    List<LoopEvent> handed = events;
    events = new ArrayList<>();
    try {
      loop.execute(() -> pass(handed, now));
      return true;
    } catch (RejectedExecutionException ended) {
      return false;
    }
  }

  private void pass(List<LoopEvent> handed, long handedAt) {
    int reached = 0;
    for (LoopEvent event : handed) {
      switch (event) {
        case LoopEvent.Arrived(Audience audience, Delivery delivery) ->
            reached += audience.onArrived(delivery);
        case LoopEvent.Admitted(Audience audience, Following following) ->
            audience.onAdmitted(following);
        case LoopEvent.Behind(Audience audience) -> audience.onBehind();
        case LoopEvent.Deleted(Audience audience, long streamId) -> audience.onDeleted(streamId);
        case LoopEvent.Gone(Audience audience, Follower.End end) -> audience.onGone(end);
      }
    }
    if (reached > 0) {
      observer.onFanOut(nanoTime.getAsLong() - handedAt, reached);
    }
  }
}
