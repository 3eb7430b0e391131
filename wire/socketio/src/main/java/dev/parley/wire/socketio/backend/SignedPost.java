package dev.parley.wire.socketio.backend;

import dev.parley.wire.socketio.backend.UnansweredException.Outcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends signed requests to one address. Blocks its callers, which are virtual threads.
 *
 * <p>A request that found nobody listening is sent again with the same id: nothing of it has left.
 * Any other failure may mean that the backend has done what it was asked for.
 */
final class SignedPost {
  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(50), Duration.ofMillis(200));

  /** Waits; a test counts instead. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  private final HttpClient client;
  private final URI url;
  private final SigningKey key;
  private final int maxAnswerBytes;
  private final InstantSource clock;
  private final Pause pause;

  SignedPost(HttpClient client, Route route, URI url, InstantSource clock, Pause pause) {
    this.client = client;
    this.url = url;
    this.key = SigningKey.of(route);
    this.maxAnswerBytes = route.maxAnswerBytes();
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Sends a body and returns that of the answer.
   *
   * @param deadline in {@code System.nanoTime()}
   */
  byte[] send(String id, byte[] body, long deadline)
      throws UnansweredException, InterruptedException {
    for (Duration wait : PAUSES) {
      try {
        return sendOnce(id, body, deadline);
      } catch (ConnectException e) {
        if (deadline - System.nanoTime() < wait.toNanos()) {
          throw nobody();
        }
        pause.sleep(wait);
      }
    }
    try {
      return sendOnce(id, body, deadline);
    } catch (ConnectException e) {
      throw nobody();
    }
  }

  private static UnansweredException nobody() {
    return new UnansweredException(Outcome.FAILED, "cannot connect");
  }

  private byte[] sendOnce(String id, byte[] body, long deadline)
      throws UnansweredException, InterruptedException, ConnectException {
    long patience = deadline - System.nanoTime();
    if (patience <= 0) {
      throw late();
    }
    // The request's own time limit ends with the answer's headers, ours with its last byte.
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request(id, body, Duration.ofNanos(patience)),
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxAnswerBytes));
    try {
      HttpResponse<byte[]> response = answer.get(patience, TimeUnit.NANOSECONDS);
      if (response.statusCode() / 100 != 2) {
        throw new UnansweredException(
            Outcome.FAILED, "status " + response.statusCode() + " (expected: 2xx)");
      }
      return response.body();
    } catch (TimeoutException e) {
      throw late();
    } catch (ExecutionException e) {
      throw judged(e.getCause());
    } finally {
      answer.cancel(true); // ends the exchange when it has not ended
    }
  }

  private HttpRequest request(String id, byte[] body, Duration patience) {
    long seconds = clock.instant().getEpochSecond();
    return HttpRequest.newBuilder(url)
        // Asking for h2c over plain HTTP with a body in hand confuses more servers than it helps.
        .version(
            "https".equalsIgnoreCase(url.getScheme())
                ? HttpClient.Version.HTTP_2
                : HttpClient.Version.HTTP_1_1)
        .timeout(patience)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .header("user-agent", "parley")
        .header("webhook-id", id)
        .header("webhook-timestamp", Long.toString(seconds))
        .header("webhook-signature", key.sign(id, seconds, body))
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  private static UnansweredException judged(@Nullable Throwable failure) throws ConnectException {
    return switch (failure) {
      case ConnectException nobody -> throw nobody;
      case HttpTimeoutException _ -> late();
      // Its message may quote what the other side sent.
      case IOException e ->
          new UnansweredException(
              Outcome.FAILED, "no answer within limits: " + e.getClass().getSimpleName());
      case null, default ->
          new UnansweredException(
              Outcome.FAILED,
              "no answer: " + (failure == null ? "" : failure.getClass().getSimpleName()));
    };
  }

  private static UnansweredException late() {
    return new UnansweredException(Outcome.TIMED_OUT, "no answer in time");
  }
}
