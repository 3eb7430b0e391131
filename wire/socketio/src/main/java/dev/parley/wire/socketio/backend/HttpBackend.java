package dev.parley.wire.socketio.backend;

import dev.parley.webhook.PostClient;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The user's own backends, asked over HTTP as their configuration says. Safe on any thread; its
 * requests run on virtual threads.
 */
public final class HttpBackend implements AutoCloseable {
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("parley-backend-", 0).factory());
  private final PostClient client;
  private final List<Endpoint> endpoints;

  /**
   * @throws IllegalArgumentException that names the key when a secret cannot be read or used
   */
  public HttpBackend(BackendConfig config) {
    this(config, Clock.systemUTC(), Thread::sleep, null);
  }

  /**
   * @param tls whom to trust; {@code null} for whom the Java runtime does
   */
  HttpBackend(BackendConfig config, Clock clock, Pause pause, @Nullable SSLContext tls) {
    client = new PostClient(tls);
    List<Endpoint> made = new ArrayList<>();
    for (int i = 0; i < config.routes().size(); i++) {
      try {
        made.add(new Endpoint(i, config.routes().get(i), client, clock, pause));
      } catch (IllegalArgumentException e) {
        close();
        throw new IllegalArgumentException("routes[" + i + "]." + e.getMessage(), e);
      }
    }
    endpoints = List.copyOf(made);
  }

  /** The routes in the order of the configuration. */
  List<Route> routes() {
    return endpoints.stream().map(Endpoint::route).toList();
  }

  /**
   * Asks whether something may happen, and how. Never fails: without an answer the route's {@code
   * on-failure} holds, and without a route everything is allowed at once. A disconnect completes
   * when the backend knows of it or is no longer tried.
   */
  public CompletableFuture<Verdict> ask(Question question) {
    Endpoint endpoint = endpoint(question);
    if (endpoint == null) {
      return CompletableFuture.completedFuture(Verdict.ALLOWED);
    }
    try {
      return CompletableFuture.supplyAsync(() -> decide(endpoint, question), threads);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(endpoint.withoutAnswer()); // closed
    }
  }

  /** As {@link #ask}, on a thread that may block. */
  Verdict decide(Question question) {
    Endpoint endpoint = endpoint(question);
    return endpoint == null ? Verdict.ALLOWED : decide(endpoint, question);
  }

  private static Verdict decide(Endpoint endpoint, Question question) {
    if (question instanceof Question.Disconnect) {
      endpoint.tell(question);
      return Verdict.ALLOWED;
    }
    return endpoint.decide(question);
  }

  /** Whether any route is for a namespace of this name. */
  boolean covers(String namespace) {
    for (Endpoint endpoint : endpoints) {
      if (endpoint.covers(namespace)) {
        return true;
      }
    }
    return false;
  }

  /** Whether any custom event of a namespace is put to a backend. */
  boolean coversEvents(String namespace) {
    return endpoints.stream()
        .anyMatch(endpoint -> endpoint.route().coversEvents() && endpoint.covers(namespace));
  }

  /** Whether questions of a kind leave this server at all. */
  boolean covers(String namespace, Question.Kind kind, String event) {
    return endpoint(namespace, kind, event) != null;
  }

  private @Nullable Endpoint endpoint(Question question) {
    String event = question instanceof Question.Event named ? named.name() : "";
    return endpoint(question.asker().namespace(), question.kind(), event);
  }

  private @Nullable Endpoint endpoint(String namespace, Question.Kind kind, String event) {
    for (Endpoint endpoint : endpoints) {
      if (endpoint.route().covers(kind, event) && endpoint.covers(namespace)) {
        return endpoint;
      }
    }
    return null;
  }

  /** Counters and circuits, in the order of the configuration. */
  public List<RouteStats> stats() {
    return endpoints.stream().map(Endpoint::stats).toList();
  }

  /** Takes no more questions and waits for the answers to those under way. */
  public void drain(Duration patience) throws InterruptedException {
    threads.shutdown();
    var _ = threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends at once what is under way. */
  @Override
  public void close() {
    threads.shutdownNow();
    client.close();
  }
}
