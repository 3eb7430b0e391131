package dev.parley.provider.scripted;

import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.conversation.provider.Provider.Listener;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One scripted reply. Runs on its loop; only {@link #stop()} comes from elsewhere. */
final class Performance implements Generation, Runnable {
  private static final int MOST_OF_A_PASS = 64; // then the loop serves others

  private final List<Delta> pieces;
  private final Ending ending;
  private final Pace pace;
  private final ScheduledExecutorService loop;
  private final LongSupplier nanoTime;
  private final Listener listener;
  private final long startNanos;
  private int next;
  private volatile boolean stopped;
  private volatile @Nullable Future<?> timer;

  Performance(
      List<Delta> pieces,
      Ending ending,
      Pace pace,
      ScheduledExecutorService loop,
      LongSupplier nanoTime,
      Listener listener) {
    this.pieces = pieces;
    this.ending = ending;
    this.pace = pace;
    this.loop = loop;
    this.nanoTime = nanoTime;
    this.listener = listener;
    this.startNanos = nanoTime.getAsLong();
  }

  void begin() {
    sleep(pace.dueNanos(0));
  }

  @Override
  public void run() {
    long elapsed = nanoTime.getAsLong() - startNanos;
    int most = Math.min(pieces.size(), next + MOST_OF_A_PASS);
    while (!stopped && next < most && pace.dueNanos(next) <= elapsed) {
      listener.onDelta(pieces.get(next++));
    }
    if (stopped) {
      return;
    }
    if (next == pieces.size()) {
      listener.onEnd(ending);
    } else {
      sleep(Math.max(0, pace.dueNanos(next) - elapsed));
    }
  }

  private void sleep(long nanos) {
    try {
      timer = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      listener.onEnd(
          new Ending.Failed(Failure.of(Code.UPSTREAM, "scripted: the server is shutting down")));
    }
  }

  @Override
  public void stop() {
    stopped = true;
    Future<?> pending = timer;
    if (pending != null) {
      pending.cancel(false);
    }
  }
}
