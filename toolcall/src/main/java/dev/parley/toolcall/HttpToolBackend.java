package dev.parley.toolcall;

import dev.parley.conversation.run.ToolBackend;
import dev.parley.conversation.run.ToolCall;
import dev.parley.conversation.run.ToolOutcome;
import dev.parley.conversation.run.ToolOutcome.Failed;
import dev.parley.conversation.run.ToolOutcome.Pending;
import dev.parley.conversation.run.ToolOutcome.Reason;
import dev.parley.conversation.run.ToolOutcome.Result;
import dev.parley.toolcall.CallJson.NotJsonException;
import dev.parley.webhook.Answer;
import dev.parley.webhook.Complaints;
import dev.parley.webhook.NoAnswerException;
import dev.parley.webhook.PostClient;
import dev.parley.webhook.SignedPost;
import dev.parley.webhook.SigningKey;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * The application's own HTTP server, which carries tools out. Safe on any thread; its requests run
 * on virtual threads.
 *
 * <p>A call is sent again, with the same id and the same bytes, when the server could not take it
 * (5xx, 429) or the connection was lost: whether it was carried out is for the server to know, by
 * the id. A server that is silent is not asked again within a call, as the time is over then.
 */
public final class HttpToolBackend implements ToolBackend, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HttpToolBackend.class.getName());

  /** Waits; a test counts instead. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  private final ToolsConfig config;
  private final InstantSource clock;
  private final Pause pause;
  private final DoubleSupplier random;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("parley-tool-", 0).factory());
  private final PostClient client = new PostClient();
  private final SignedPost post;
  private final Complaints complaints;
  private final Semaphore inFlight;
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder calls = new LongAdder();
  private final LongAdder results = new LongAdder();
  private final LongAdder pending = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder givenUp = new LongAdder();
  private final LongAdder requests = new LongAdder();

  /**
   * @throws IllegalArgumentException that names the key when there is no address, or the secret
   *     cannot be read or used
   */
  public HttpToolBackend(ToolsConfig config) {
    this(
        config,
        InstantSource.system(),
        Thread::sleep,
        () -> ThreadLocalRandom.current().nextDouble());
  }

  HttpToolBackend(ToolsConfig config, InstantSource clock, Pause pause, DoubleSupplier random) {
    URI url = config.url();
    if (url == null) {
      throw new IllegalArgumentException("tools.url: none (expected: an http or https URL)");
    }
    SigningKey key;
    try {
      key = SigningKey.of(config.secret(), config.secretFile());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tools." + e.getMessage(), e);
    }
    this.config = config;
    this.clock = clock;
    this.pause = pause;
    this.random = random;
    this.inFlight = new Semaphore(config.maxInFlight(), true);
    this.post = new SignedPost(client, url, key, config.maxAnswerBytes(), clock);
    this.complaints =
        new Complaints(
            LOG, "tool backend (" + url.getScheme() + "://" + url.getRawAuthority() + ")");
  }

  @Override
  public CompletableFuture<ToolOutcome> call(ToolCall call) {
    calls.increment();
    CompletableFuture<ToolOutcome> outcome = new CompletableFuture<>();
    try {
      Future<?> work = threads.submit(() -> complete(call, outcome));
      var _ =
          outcome.whenComplete((_, _) -> {
            if (outcome.isCancelled()) {
              givenUp.increment();
              work.cancel(true);
            }
          });
    } catch (RejectedExecutionException e) {
      givenUp.increment();
      outcome.cancel(false); // closed
    }
    return outcome;
  }

  private void complete(ToolCall call, CompletableFuture<ToolOutcome> outcome) {
    try {
      ToolOutcome ended = carriedOut(call);
      if (!outcome.isDone()) {
        count(call, ended); // before anybody hears of it
      }
      outcome.complete(ended);
    } catch (InterruptedException e) {
      outcome.cancel(false); // given up, or closed
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "tool backend: a call failed in here", e);
      ToolOutcome ended = new Failed(Reason.UNAVAILABLE, "the tool could not be called");
      count(call, ended);
      outcome.complete(ended);
    }
  }

  private ToolOutcome carriedOut(ToolCall call) throws InterruptedException {
    String id = CallJson.id(call);
    byte[] body;
    try {
      body = CallJson.encode(id, call);
    } catch (NotJsonException e) {
      return new Failed(
          Reason.BAD_ARGUMENTS,
          "the arguments are not a JSON object at most " + CallJson.DEEPEST + " levels deep");
    }
    long deadline = System.nanoTime() + config.timeout().toNanos();
    if (!enter(deadline)) {
      return new Failed(Reason.OVERLOADED, "too many tools are being called");
    }
    try {
      return tried(call, id, body, deadline);
    } finally {
      inFlight.release();
    }
  }

  /** Waits until fewer than the most calls are under way. */
  private boolean enter(long deadline) throws InterruptedException {
    if (inFlight.tryAcquire()) {
      return true;
    }
    try {
      return waiting.incrementAndGet() <= config.maxWaiting()
          && inFlight.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } finally {
      waiting.decrementAndGet();
    }
  }

  private ToolOutcome tried(ToolCall call, String id, byte[] body, long deadline)
      throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Try last = once(id, body, call.attempt() - 1 + attempt, deadline);
      if (!last.again() || attempt == config.attempts()) {
        return last.outcome();
      }
      Duration wait = last.asked().plus(Backoff.after(attempt, random.getAsDouble()));
      if (wait.compareTo(Duration.ofNanos(deadline - System.nanoTime())) >= 0) {
        return last.outcome(); // there is no time for another
      }
      pause.sleep(wait);
    }
  }

  /**
   * What became of one request.
   *
   * @param again whether another may go better
   * @param asked how long the server wants to be left alone
   */
  private record Try(ToolOutcome outcome, boolean again, Duration asked) {
    static Try last(ToolOutcome outcome) {
      return new Try(outcome, false, Duration.ZERO);
    }

    static Try last(Reason reason, String message) {
      return last(new Failed(reason, message));
    }
  }

  private Try once(String id, byte[] body, int attempt, long deadline) throws InterruptedException {
    requests.increment();
    Map<String, String> headers =
        Map.of("idempotency-key", id, "parley-attempt", Integer.toString(attempt));
    try {
      return judged(post.send(id, body, headers, deadline));
    } catch (NoAnswerException e) {
      return switch (e.reason()) {
        case UNREACHABLE -> again(Reason.UNAVAILABLE, "the tool's server cannot be reached");
        case BROKEN -> again(Reason.UNAVAILABLE, "the connection to the tool's server was lost");
        case TIMED_OUT -> Try.last(Reason.TIMEOUT, "the tool did not answer in time");
        case TOO_LARGE -> Try.last(Reason.TOO_LARGE, tooLarge());
        case NOT_HTTP -> Try.last(Reason.NOT_HTTP, "the tool's server answered with garbage");
      };
    }
  }

  private String tooLarge() {
    return "the tool's answer is longer than " + config.maxAnswerBytes() + " bytes";
  }

  private static Try again(Reason reason, String message) {
    return new Try(new Failed(reason, message), true, Duration.ZERO);
  }

  private Try judged(Answer answer) {
    int status = answer.status();
    return switch (status) {
      case 202 -> Try.last(new Pending());
      case 204 -> Try.last(new Result("null"));
      case 429 -> again(answer, Reason.OVERLOADED, "the tool's server is overloaded");
      default ->
          switch (status / 100) {
            case 2 -> Try.last(result(answer.body()));
            case 3 ->
                Try.last(Reason.REDIRECTED, "the tool's server sent us elsewhere" + of(status));
            case 4 -> Try.last(Reason.REFUSED, "the tool's server refused the call" + of(status));
            case 5 -> again(answer, Reason.UNAVAILABLE, "the tool's server failed" + of(status));
            default ->
                Try.last(Reason.NOT_HTTP, "the tool's server answered with garbage" + of(status));
          };
    };
  }

  private static String of(int status) {
    return " (status " + status + ")";
  }

  private Try again(Answer answer, Reason reason, String message) {
    Duration asked =
        answer
            .headers()
            .firstValue("retry-after")
            .map(value -> Backoff.asked(value, clock.instant()))
            .orElse(Duration.ZERO);
    return new Try(new Failed(reason, message), true, asked);
  }

  private static ToolOutcome result(byte[] body) {
    try {
      return new Result(CallJson.decode(body));
    } catch (NotJsonException e) {
      return new Failed(
          Reason.NOT_JSON,
          "the tool's answer is not JSON at most " + CallJson.DEEPEST + " levels deep");
    }
  }

  private void count(ToolCall call, ToolOutcome outcome) {
    switch (outcome) {
      case Result _ -> results.increment();
      case Pending _ -> pending.increment();
      case Failed it -> {
        failed.increment();
        if (it.reason() != Reason.BAD_ARGUMENTS) { // the model's fault
          complaints.failed(CallJson.id(call) + " of " + call.name() + ": " + it.message());
        }
      }
    }
  }

  public ToolStats stats() {
    return new ToolStats(
        calls.sum(), results.sum(), pending.sum(), failed.sum(), givenUp.sum(), requests.sum());
  }

  /** Ends at once what is under way; the futures are cancelled. */
  @Override
  public void close() {
    threads.shutdownNow();
    client.close();
  }
}
