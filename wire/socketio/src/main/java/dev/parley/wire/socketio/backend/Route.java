package dev.parley.wire.socketio.backend;

import dev.parley.stream.PathPattern;
import dev.parley.webhook.SignedPost;
import dev.parley.webhook.SigningKey;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which questions of which namespaces go to which address. Of several routes the first that covers
 * a question counts. Never printed with its secret.
 *
 * @param namespace a name as {@code /chat}, or a pattern as {@code /room-*}; {@code **} stands for
 *     any number of segments
 * @param events {@code connect}, {@code disconnect}, {@code subscribe}, {@code publish}, names of
 *     custom events, or {@code *} for all custom events
 * @param url where they are posted
 * @param secret signs requests: {@code whsec_} and 24 to 64 bytes in base64
 * @param secretFile a file that holds it instead
 * @param timeout from the question to the end of its answer, waiting and trying again included
 * @param onFailure what holds without a usable answer in time
 * @param headers of a client's first request that go along with the question of its connect
 * @param maxInFlight most requests under way
 * @param maxWaiting most questions that wait for one of these; beyond, {@code onFailure} holds at
 *     once
 * @param maxAnswerBytes longest answer
 * @param circuit when it is no longer asked
 */
public record Route(
    String namespace,
    List<String> events,
    @Nullable URI url,
    @Nullable String secret,
    @Nullable Path secretFile,
    Duration timeout,
    FailurePolicy onFailure,
    List<String> headers,
    int maxInFlight,
    int maxWaiting,
    int maxAnswerBytes,
    CircuitConfig circuit) {
  private static final int LARGEST_ANSWER = 16 << 20;
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Not complete: where to ask and what to sign with has no default. */
  public static Route defaults() {
    return new Route(
        "/",
        List.of("connect"),
        null,
        null,
        null,
        Duration.ofSeconds(2),
        FailurePolicy.DENY,
        List.of("authorization", "cookie", "origin", "user-agent", "x-forwarded-for"),
        256,
        10_000,
        1_000_000,
        CircuitConfig.defaults());
  }

  public Route {
    if (namespace == null || !namespace.startsWith("/")) {
      throw new IllegalArgumentException(
          "namespace: " + namespace + " (expected: a name as /chat or a pattern as /room-*)");
    }
    if (namespace.indexOf('*') >= 0) {
      var _ = PathPattern.of(namespace.substring(1)); // which checks
    }
    events = List.copyOf(events);
    if (events.isEmpty() || events.contains("")) {
      throw new IllegalArgumentException(
          "events: "
              + events
              + " (expected: connect, disconnect, subscribe, publish, names of events, or *)");
    }
    if (url != null) {
      SignedPost.requireAddress("url", url);
    }
    if (secret != null && secretFile != null) {
      throw new IllegalArgumentException(
          "secret-file: " + secretFile + " (expected: not both it and secret)");
    }
    if (secret != null) {
      var _ = SigningKey.of("secret", secret); // which checks
    }
    if (timeout == null || !timeout.isPositive() || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "timeout: " + timeout + " (expected: above 0, at most " + LONGEST.toSeconds() + "s)");
    }
    if (onFailure == null) {
      throw new IllegalArgumentException("on-failure: none (expected: deny or allow)");
    }
    headers = headers.stream().map(header -> header.toLowerCase(Locale.ROOT)).toList();
    atLeast("max-in-flight", maxInFlight, 1);
    atLeast("max-waiting", maxWaiting, 0);
    if (maxAnswerBytes < 64 || maxAnswerBytes > LARGEST_ANSWER) {
      throw new IllegalArgumentException(
          "max-answer-bytes: " + maxAnswerBytes + " (expected: 64 to " + LARGEST_ANSWER + ")");
    }
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: >= " + least + ")");
    }
  }

  /** What is missing, as an error; {@code null} when nothing is. */
  @Nullable String missing() {
    if (url == null) {
      return "url: none (expected: an http or https URL)";
    }
    if (secret == null && secretFile == null) {
      return "secret: none (expected: it or secret-file)";
    }
    return null;
  }

  boolean isPattern() {
    return namespace.indexOf('*') >= 0;
  }

  /** Which names it covers; never the main namespace's by a pattern, as it has no segments. */
  Predicate<String> names() {
    if (!isPattern()) {
      return namespace::equals;
    }
    PathPattern pattern = PathPattern.of(namespace.substring(1));
    return name -> name.length() > 1 && pattern.matches(name.substring(1));
  }

  boolean coversEvents() {
    return events.stream().anyMatch(event -> !Question.Kind.isReserved(event));
  }

  /**
   * @param event the name of a custom event, else empty
   */
  boolean covers(Question.Kind kind, String event) {
    return kind == Question.Kind.EVENT
        ? events.contains("*") || (events.contains(event) && !Question.Kind.isReserved(event))
        : events.contains(kind.label());
  }

  /** Without its secret. */
  @Override
  public String toString() {
    return "route " + namespace + " " + events;
  }
}
