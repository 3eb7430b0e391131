package dev.parley.provider;

import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** One provider of a chain and its circuit. Safe on any thread. */
final class Link {
  private final Fallback fallback;
  private final CircuitBreaker circuit;
  private final LongAdder retries = new LongAdder();
  private final LongAdder fallbacks = new LongAdder();
  private final LongAdder continuations = new LongAdder();

  Link(Fallback fallback, ResilienceConfig config) {
    this.fallback = fallback;
    this.circuit =
        CircuitBreaker.of(
            fallback.provider().name(),
            CircuitBreakerConfig.custom()
                .slidingWindow(
                    config.window(),
                    config.leastReplies(),
                    CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(config.failurePercent())
                .waitDurationInOpenState(config.openFor())
                .permittedNumberOfCallsInHalfOpenState(Math.min(3, config.leastReplies()))
                .build());
  }

  Provider provider() {
    return fallback.provider();
  }

  Prompt adapt(Prompt prompt) {
    return fallback.adapt(prompt);
  }

  /** Each time true is followed by one of the next three. */
  boolean tryEnter() {
    return circuit.tryAcquirePermission();
  }

  /** It answers. */
  void answered() {
    circuit.onSuccess(0, TimeUnit.NANOSECONDS);
  }

  /** It failed, be it after it had answered: a provider whose replies all die is broken too. */
  void failed() {
    circuit.onError(0, TimeUnit.NANOSECONDS, new Broken());
  }

  /** Nothing was learnt about it. */
  void left() {
    circuit.releasePermission();
  }

  void retried() {
    retries.increment();
  }

  void fellBackTo() {
    fallbacks.increment();
  }

  void continued() {
    continuations.increment();
  }

  LinkStats stats() {
    LinkStats.Circuit state =
        switch (circuit.getState()) {
          case OPEN, FORCED_OPEN -> LinkStats.Circuit.OPEN;
          case HALF_OPEN -> LinkStats.Circuit.HALF_OPEN;
          case CLOSED, DISABLED, METRICS_ONLY -> LinkStats.Circuit.CLOSED;
        };
    return new LinkStats(
        provider().name(), state, retries.sum(), fallbacks.sum(), continuations.sum());
  }

  /** Whether it says something about the provider rather than about what it was asked. */
  static boolean isItsFault(Code code) {
    return switch (code) {
      case OVERLOADED,
          UPSTREAM,
          TIMEOUT_FIRST_TOKEN,
          TIMEOUT_BETWEEN_TOKENS,
          DISCONNECTED,
          MALFORMED ->
          true;
      case UNAUTHORIZED,
          RATE_LIMITED,
          BAD_REQUEST,
          CONTEXT_TOO_LONG,
          NOT_FOUND,
          TOO_LARGE,
          CIRCUIT_OPEN,
          QUEUE_FULL ->
          false;
    };
  }

  /** What the circuit counts: no stack, since nobody looks at it. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken() {
      super("failed", null, false, false);
    }
  }
}
