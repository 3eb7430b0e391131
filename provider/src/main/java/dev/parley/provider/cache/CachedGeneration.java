package dev.parley.provider.cache;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.conversation.provider.Provider.Listener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A kept reply, given again as fast as it is heard, though the loop serves others in between. Runs
 * on its loop; only {@link #stop()} comes from elsewhere.
 */
public final class CachedGeneration implements Generation {
  static final int MOST_OF_A_PASS = 16;

  private final KeptReply reply;
  private final Executor loop;
  private final Listener listener;
  private int next;
  private volatile boolean stopped;

  private CachedGeneration(KeptReply reply, Executor loop, Listener listener) {
    this.reply = reply;
    this.loop = loop;
    this.listener = listener;
  }

  /**
   * Begins; the listener is called on the loop, after this method.
   *
   * @param loop of one thread
   */
  public static Generation replay(KeptReply reply, Executor loop, Listener listener) {
    CachedGeneration generation = new CachedGeneration(reply, loop, listener);
    generation.proceed();
    return generation;
  }

  private void proceed() {
    try {
      loop.execute(this::pass);
    } catch (RejectedExecutionException e) {
      listener.onEnd(
          new Ending.Failed(Failure.of(Code.UPSTREAM, "cache: the server is shutting down")));
    }
  }

  private void pass() {
    List<Delta> deltas = reply.deltas();
    int most = Math.min(deltas.size(), next + MOST_OF_A_PASS);
    while (!stopped && next < most) {
      listener.onDelta(deltas.get(next++));
    }
    if (stopped) {
      return;
    }
    if (next < deltas.size()) {
      proceed();
    } else {
      listener.onEnd(new Ending.Finished(FinishReason.STOP, Usage.NONE));
    }
  }

  @Override
  public void stop() {
    stopped = true;
  }
}
