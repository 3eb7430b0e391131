package dev.parley.wire.socketio.backend;

import dev.parley.webhook.Complaints;
import dev.parley.webhook.PostClient;
import dev.parley.webhook.SignedPost;
import dev.parley.webhook.SigningKey;
import dev.parley.wire.socketio.backend.UnansweredException.Outcome;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * One route at work: how much is under way, its circuit and its counters. Safe on any thread that
 * may block.
 */
final class Endpoint {
  private static final System.Logger LOG = System.getLogger(Endpoint.class.getName());
  private static final int ID_BYTES = 18;
  private static final List<Duration> NOTICE_PAUSES =
      List.of(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(25));

  private final Route route;
  private final Predicate<String> namespaces;
  private final String name; // for the log: neither path nor query, which may be secrets
  private final String origin;
  private final Posting post;
  private final AnswerJson answers;
  private final CircuitBreaker circuit;
  private final Semaphore inFlight;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger notices = new AtomicInteger();
  private final Clock clock;
  private final Pause pause;
  private final SecureRandom random = new SecureRandom();
  private final LongAdder asked = new LongAdder();
  private final LongAdder allowed = new LongAdder();
  private final LongAdder denied = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder timedOut = new LongAdder();
  private final LongAdder shortCircuited = new LongAdder();
  private final Complaints complaints;

  Endpoint(int index, Route route, PostClient client, Clock clock, Pause pause) {
    URI url = Objects.requireNonNull(route.url());
    this.route = route;
    this.namespaces = route.names();
    this.origin = url.getScheme() + "://" + url.getRawAuthority();
    this.name = "backend routes[" + index + "] (" + route.namespace() + ", " + origin + ")";
    this.post =
        new Posting(
            new SignedPost(
                client,
                url,
                SigningKey.of(route.secret(), route.secretFile()),
                route.maxAnswerBytes(),
                clock),
            pause);
    this.complaints = new Complaints(LOG, name);
    this.answers = new AnswerJson(route.maxAnswerBytes());
    this.circuit = circuit(route.circuit(), clock);
    this.inFlight = new Semaphore(route.maxInFlight(), true);
    this.clock = clock;
    this.pause = pause;
  }

  private CircuitBreaker circuit(CircuitConfig config, Clock time) {
    CircuitBreaker breaker =
        CircuitBreaker.of(
            name,
            CircuitBreakerConfig.custom()
                .slidingWindow(
                    config.window(),
                    config.leastRequests(),
                    CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(config.failurePercent())
                .waitDurationInOpenState(config.openFor())
                .permittedNumberOfCallsInHalfOpenState(config.trials())
                .clock(time)
                .build());
    breaker
        .getEventPublisher()
        .onStateTransition(event ->
            LOG.log(
                System.Logger.Level.WARNING,
                name + ": circuit " + label(event.getStateTransition().getToState())));
    return breaker;
  }

  Route route() {
    return route;
  }

  boolean covers(String namespace) {
    return namespaces.test(namespace);
  }

  /** Asks and waits for the verdict, which is the route's own when there is no answer. */
  Verdict decide(Question question) {
    asked.increment();
    try {
      String id = newId();
      Verdict verdict =
          exchange(id, encode(question, id), answer -> answers.decode(question.kind(), answer));
      (verdict.allowed() ? allowed : denied).increment();
      return verdict;
    } catch (UnansweredException e) {
      count(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed.increment();
    }
    return withoutAnswer();
  }

  /** What holds without an answer. */
  Verdict withoutAnswer() {
    return route.onFailure() == FailurePolicy.ALLOW ? Verdict.ALLOWED : Verdict.UNAVAILABLE;
  }

  /** Tells the backend, a few times if need be; waits until it knows or is no longer tried. */
  void tell(Question notice) {
    asked.increment();
    try {
      if (notices.incrementAndGet() > route.maxWaiting() + route.maxInFlight()) {
        throw new UnansweredException(Outcome.FAILED, "too many notices wait");
      }
      String id = newId();
      byte[] body = encode(notice, id);
      for (Duration wait : NOTICE_PAUSES) {
        if (isDelivered(id, body)) {
          return;
        }
        pause.sleep(wait);
      }
      exchange(id, body, _ -> Verdict.ALLOWED);
      allowed.increment();
    } catch (UnansweredException e) {
      count(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed.increment();
    } finally {
      notices.decrementAndGet();
    }
  }

  private boolean isDelivered(String id, byte[] body) throws InterruptedException {
    try {
      exchange(id, body, _ -> Verdict.ALLOWED);
      allowed.increment();
      return true;
    } catch (UnansweredException e) {
      return false; // the last attempt says why
    }
  }

  private byte[] encode(Question question, String id) throws UnansweredException {
    try {
      return QuestionJson.encode(question, id, clock.instant(), route.headers());
    } catch (IllegalArgumentException e) {
      throw new UnansweredException(
          Outcome.FAILED, question.kind().label() + ": not sent (expected: what JSON can say)");
    }
  }

  /** Makes a verdict of an answer's body. */
  @FunctionalInterface
  private interface Reading {
    Verdict read(byte[] answer) throws UnansweredException;
  }

  private Verdict exchange(String id, byte[] body, Reading reading)
      throws UnansweredException, InterruptedException {
    long deadline = System.nanoTime() + route.timeout().toNanos();
    if (!circuit.tryAcquirePermission()) {
      throw new UnansweredException(Outcome.SHORT_CIRCUITED, "circuit open");
    }
    boolean judged = false;
    try {
      enter(deadline);
      long started = System.nanoTime();
      try {
        Verdict verdict = reading.read(post.send(id, body, deadline));
        judged = true;
        circuit.onSuccess(System.nanoTime() - started, TimeUnit.NANOSECONDS);
        return verdict;
      } catch (UnansweredException e) {
        judged = true;
        circuit.onError(System.nanoTime() - started, TimeUnit.NANOSECONDS, e);
        throw e;
      } finally {
        inFlight.release();
      }
    } finally {
      if (!judged) {
        circuit.releasePermission();
      }
    }
  }

  /** Waits until fewer than the most requests are under way. */
  private void enter(long deadline) throws UnansweredException, InterruptedException {
    if (inFlight.tryAcquire()) {
      return;
    }
    try {
      if (waiting.incrementAndGet() > route.maxWaiting()) {
        throw new UnansweredException(Outcome.FAILED, "too many questions wait");
      }
      if (!inFlight.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new UnansweredException(Outcome.TIMED_OUT, "too many requests under way");
      }
    } finally {
      waiting.decrementAndGet();
    }
  }

  private void count(UnansweredException failure) {
    switch (failure.outcome()) {
      case FAILED -> failed.increment();
      case TIMED_OUT -> timedOut.increment();
      case SHORT_CIRCUITED -> {
        shortCircuited.increment();
        return; // the log has the circuit's opening
      }
    }
    complaints.failed(String.valueOf(failure.getMessage()));
  }

  RouteStats stats() {
    return new RouteStats(
        route.namespace(),
        origin,
        label(circuit.getState()),
        asked.sum(),
        allowed.sum(),
        denied.sum(),
        failed.sum(),
        timedOut.sum(),
        shortCircuited.sum());
  }

  private static String label(CircuitBreaker.State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private String newId() {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return "msg_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
