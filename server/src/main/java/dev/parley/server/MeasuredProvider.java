package dev.parley.server;

import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import dev.parley.telemetry.Durations;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Passes replies on and counts them. Safe on any thread; a delta costs one increment of a number
 * that its loop has for itself.
 */
final class MeasuredProvider implements Provider {
  private static final String FINISHED = "finished";
  private static final String STOPPED = "stopped";

  private final Provider provider;
  private final Durations firstToken;
  private final LongAdder requests = new LongAdder();
  private final LongAdder deltas = new LongAdder();
  private final Map<String, LongAdder> ends = new TreeMap<>(); // not changed after construction

  /**
   * @param firstToken gets how long each reply took to begin
   */
  MeasuredProvider(Provider provider, Durations firstToken) {
    this.provider = provider;
    this.firstToken = firstToken;
    ends.put(FINISHED, new LongAdder());
    ends.put(STOPPED, new LongAdder());
    for (Failure.Code code : Failure.Code.values()) {
      ends.put(word(code), new LongAdder());
    }
  }

  private static String word(Failure.Code code) {
    return code.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String name() {
    return provider.name();
  }

  @Override
  public boolean continuesFromPrefix() {
    return provider.continuesFromPrefix();
  }

  @Override
  public void warm() {
    provider.warm();
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    requests.increment();
    Measured measured = new Measured(listener);
    Generation generation = provider.generate(prompt, measured);
    return () -> {
      measured.ended(STOPPED);
      generation.stop();
    };
  }

  long requests() {
    return requests.sum();
  }

  long deltas() {
    return deltas.sum();
  }

  /** How often replies ended, by how: finished, stopped or the code of a failure. */
  Map<String, LongAdder> ends() {
    return ends;
  }

  /** One reply. Called as its listener is, but for its end, which may come from any thread. */
  private final class Measured implements Listener {
    private final Listener listener;
    private final long askedNanos = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();
    private boolean begun;

    Measured(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void onDelta(Delta delta) {
      if (!begun) {
        begun = true;
        firstToken.record(System.nanoTime() - askedNanos);
      }
      deltas.increment();
      listener.onDelta(delta);
    }

    @Override
    public void onEnd(Ending ending) {
      ended(
          switch (ending) {
            case Ending.Finished _ -> FINISHED;
            case Ending.Failed(Failure failure) -> word(failure.code());
          });
      listener.onEnd(ending);
    }

    void ended(String how) {
      LongAdder count = ends.get(how);
      if (count != null && ended.compareAndSet(false, true)) {
        count.increment();
      }
    }
  }
}
