package dev.parley.provider;

import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A chain of providers that answers as one: tries again before the first token, leaves alone what
 * fails too often, asks the next, and continues a reply that died in the middle where a provider
 * can. Safe on any thread.
 */
public final class ResilientProvider implements Provider {
  private final String name;
  private final List<Link> chain;
  private final ResilienceConfig config;
  private final Later later;

  /** Runs something after a pause. */
  @FunctionalInterface
  interface Later {
    /**
     * Returns at once.
     *
     * @throws RejectedExecutionException if nothing runs any more
     */
    void after(Duration pause, Runnable what);
  }

  /**
   * A chain in the order it is asked.
   *
   * @param timer for pauses; a reply may go on on its thread
   */
  public ResilientProvider(
      String name, List<Fallback> chain, ResilienceConfig config, ScheduledExecutorService timer) {
    this(name, chain, config, (pause, what) -> schedule(timer, pause, what));
  }

  ResilientProvider(String name, List<Fallback> chain, ResilienceConfig config, Later later) {
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("provider.chain: empty (expected: a provider at least)");
    }
    this.name = name;
    this.chain = chain.stream().map(fallback -> new Link(fallback, config)).toList();
    this.config = config;
    this.later = later;
  }

  private static void schedule(ScheduledExecutorService timer, Duration pause, Runnable what) {
    var _ = timer.schedule(what, pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean continuesFromPrefix() {
    return chain.stream().anyMatch(link -> link.provider().continuesFromPrefix());
  }

  @Override
  public void warm() {
    chain.getFirst().provider().warm();
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    Endeavour endeavour = new Endeavour(this, prompt, listener);
    endeavour.begin();
    return endeavour;
  }

  /** In the order they are asked. */
  public List<LinkStats> stats() {
    return chain.stream().map(Link::stats).toList();
  }

  List<Link> chain() {
    return chain;
  }

  ResilienceConfig config() {
    return config;
  }

  Later later() {
    return later;
  }

  /**
   * Twice as long each time, and between half and all of it, so that many do not come back at once.
   */
  Duration pause(int failed) {
    long most = config.longestPause().toNanos();
    long doubled = config.firstPause().toNanos() << Math.min(failed - 1, 20);
    long nanos = doubled <= 0 ? most : Math.min(most, doubled);
    return Duration.ofNanos(nanos / 2 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
  }
}
