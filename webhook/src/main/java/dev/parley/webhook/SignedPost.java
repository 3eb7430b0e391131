package dev.parley.webhook;

import dev.parley.webhook.BoundedBody.TooLargeException;
import dev.parley.webhook.NoAnswerException.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends signed requests to one address, each once. Blocks its callers, which are virtual threads.
 */
public final class SignedPost {
  private final PostClient connections;
  private final URI url;
  private final SigningKey key;
  private final int maxAnswerBytes;
  private final InstantSource clock;

  public SignedPost(
      PostClient connections, URI url, SigningKey key, int maxAnswerBytes, InstantSource clock) {
    this.connections = connections;
    this.url = url;
    this.key = key;
    this.maxAnswerBytes = maxAnswerBytes;
    this.clock = clock;
  }

  /**
   * Checks an address as written.
   *
   * @throws IllegalArgumentException that repeats neither user, path nor query, which may be
   *     secrets
   */
  public static void requireAddress(String key, URI url) {
    boolean http =
        "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
    if (!http
        || url.getHost() == null
        || url.getPort() == 0
        || url.getPort() > 65_535
        || url.getRawUserInfo() != null // it would end up in logs
        || url.getRawFragment() != null) {
      throw new IllegalArgumentException(
          key
              + ": "
              + url.getScheme()
              + "://"
              + url.getHost()
              + " (expected: http or https, a host, a port to 65535,"
              + " and neither user nor fragment)");
    }
  }

  /**
   * Sends a body and returns what came back, whatever its status.
   *
   * @param id the same whenever the same is sent again
   * @param headers more of them
   * @param deadline in {@code System.nanoTime()}
   */
  public Answer send(String id, byte[] body, Map<String, String> headers, long deadline)
      throws NoAnswerException, InterruptedException {
    long patience = deadline - System.nanoTime();
    if (patience <= 0) {
      throw late();
    }
    HttpClient client = connections.current();
    // The request's own time limit ends with the answer's headers, ours with its last byte.
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request(id, body, headers, Duration.ofNanos(patience)),
            head ->
                new BoundedBody(
                    maxAnswerBytes, head.headers().firstValueAsLong("content-length").orElse(0)));
    try {
      HttpResponse<byte[]> response = answer.get(patience, TimeUnit.NANOSECONDS);
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (TimeoutException e) {
      throw late();
    } catch (ExecutionException e) {
      NoAnswerException failure = judged(e.getCause());
      if (failure.reason() == Reason.NOT_HTTP) {
        connections.retire(client);
      }
      throw failure;
    } finally {
      answer.cancel(true); // ends the exchange when it has not ended
    }
  }

  private HttpRequest request(
      String id, byte[] body, Map<String, String> headers, Duration patience) {
    long seconds = clock.instant().getEpochSecond();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            // Asking for h2c over plain HTTP with a body in hand confuses more servers than it
            // helps.
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
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return request.build();
  }

  private static NoAnswerException judged(@Nullable Throwable failure) {
    // Messages may quote what the other side sent; the kind says enough.
    return switch (failure) {
      case ConnectException _ -> new NoAnswerException(Reason.UNREACHABLE, "cannot connect");
      case HttpTimeoutException _ -> late();
      case TooLargeException e -> broken(Reason.TOO_LARGE, e);
      case ProtocolException e -> broken(Reason.NOT_HTTP, e);
      case IOException e -> broken(Reason.BROKEN, e);
      case null -> new NoAnswerException(Reason.BROKEN, "no answer");
      // Such as a number that is none where a header has to have one.
      default ->
          new NoAnswerException(
              Reason.NOT_HTTP, "no answer: " + failure.getClass().getSimpleName());
    };
  }

  private static NoAnswerException broken(Reason reason, Throwable failure) {
    return new NoAnswerException(
        reason, "no answer within limits: " + failure.getClass().getSimpleName());
  }

  private static NoAnswerException late() {
    return new NoAnswerException(Reason.TIMED_OUT, "no answer in time");
  }
}
