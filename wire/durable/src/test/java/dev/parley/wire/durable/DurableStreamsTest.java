package dev.parley.wire.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Caller;
import dev.parley.stream.Retention;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire as its clients meet it; the published suite has the rest. */
final class DurableStreamsTest {
  private static final StreamPolicy POLICY =
      new StreamPolicy(
          StreamPolicy.DEFAULT.durability(),
          Retention.FOREVER,
          200_000,
          StreamPolicy.DEFAULT.slowFollower());

  private final HttpClient http = HttpClient.newHttpClient();
  private Caller caller = Caller.ANYONE;
  private WireServer server;

  private static DurableConfig config(Duration longPoll, Duration lifetime, Duration heartbeat) {
    DurableConfig d = DurableConfig.defaults();
    return new DurableConfig(
        longPoll, lifetime, heartbeat, 1_000, d.chunkMessages(), d.eventBytes(), d.maxJsonDepth());
  }

  private void start(DurableConfig config) throws IOException {
    server = new WireServer(0, config, StreamPolicies.uniform(POLICY), () -> caller);
  }

  @BeforeEach
  void start() throws IOException {
    start(config(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofSeconds(15)));
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    server.close();
  }

  private void restart(DurableConfig config) throws IOException {
    server.close();
    start(config);
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(path))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> text(String method, String path, String body)
      throws IOException, InterruptedException {
    return send(method, path, body, "content-type", "text/plain");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send("GET", path, "");
  }

  private static @Nullable String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  private static String given(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }

  @Test
  void anAppendReachesAFollowerAsDataAndControl() throws Exception {
    text("PUT", "s", "one");
    try (SseClient events = new SseClient(http, server.uri("s?offset=-1&live=sse"))) {
      assertThat(events.nextEvent()).isEqualTo(new SseClient.Event("data", "one"));
      assertThat(events.nextEvent().data()).contains("\"upToDate\":true");

      HttpResponse<String> appended = text("POST", "s", "two");

      assertThat(events.nextEvent()).isEqualTo(new SseClient.Event("data", "two"));
      assertThat(events.nextEvent().data())
          .contains("\"streamNextOffset\":\"" + header(appended, "stream-next-offset") + "\"");
    }
  }

  @Test
  void manyFollowersGetEveryMessageOnceAndInOrder() throws Exception {
    send("PUT", "s", "", "content-type", "application/json");
    List<SseClient> clients = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      clients.add(new SseClient(http, server.uri("s?offset=-1&live=sse")));
    }
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      send("POST", "s", "[" + i + "]", "content-type", "application/json");
      expected.append(i).append(',');
    }
    send("POST", "s", "", "stream-closed", "true");

    for (SseClient client : clients) {
      StringBuilder seen = new StringBuilder();
      String last = "";
      for (SseClient.Event event = client.nextEvent();
          !event.kind().isEmpty();
          event = client.nextEvent()) {
        if (event.kind().equals("data")) {
          seen.append(event.data(), 1, event.data().length() - 1).append(',');
        }
        last = event.data();
      }
      assertThat(seen).hasToString(expected.toString());
      assertThat(last).contains("\"streamClosed\":true");
      client.close();
    }
  }

  @Test
  void aClientWhoseCursorIsAheadGetsTheSameDataWithALaterCursor() throws Exception {
    String tail = given(text("PUT", "s", "x"), "stream-next-offset");
    long current = Cursors.parse(header(get("s?offset=-1&live=long-poll"), "stream-cursor"));
    long ahead = current + 1_000;
    try (SseClient one = new SseClient(http, server.uri("s?live=sse&offset=" + tail));
        SseClient two =
            new SseClient(http, server.uri("s?live=sse&offset=" + tail + "&cursor=" + ahead))) {
      assertThat(cursor(one.nextEvent())).isBetween(current, ahead - 1);
      assertThat(cursor(two.nextEvent())).isGreaterThan(ahead);
      text("POST", "s", "news");
      assertThat(one.nextEvent().data()).isEqualTo("news");
      assertThat(two.nextEvent().data()).isEqualTo("news");
      assertThat(cursor(one.nextEvent())).isBetween(current, ahead - 1);
      assertThat(cursor(two.nextEvent())).isGreaterThan(ahead);
    }
  }

  private static long cursor(SseClient.Event control) {
    String field = "\"streamCursor\":\"";
    int from = control.data().indexOf(field) + field.length();
    return Long.parseLong(control.data().substring(from, control.data().indexOf('"', from)));
  }

  @Test
  void aSilentAnswerIsKeptAliveByCommentsAndEndsAfterItsLifetime() throws Exception {
    restart(config(Duration.ofSeconds(20), Duration.ofMillis(900), Duration.ofMillis(150)));
    text("PUT", "s", "");
    try (SseClient events = new SseClient(http, server.uri("s?offset=-1&live=sse"))) {
      assertThat(events.nextEvent().kind()).isEqualTo("control");
      assertThat(events.next().kind()).isEqualTo(":");
      assertThat(events.nextEvent().kind()).isEmpty();
    }
    Awaitility.await().until(() -> server.hub().followers(StreamPath.of("s")) == 0);
  }

  @Test
  void aClientThatLeavesIsNoFollowerAnyMore() throws Exception {
    text("PUT", "s", "");
    SseClient events = new SseClient(http, server.uri("s?offset=-1&live=sse"));
    events.nextEvent();
    assertThat(server.hub().followers(StreamPath.of("s"))).isEqualTo(1);

    events.close();

    Awaitility.await().until(() -> server.hub().followers(StreamPath.of("s")) == 0);
  }

  @Test
  void drainingEndsLiveAnswers() throws Exception {
    text("PUT", "s", "");
    try (SseClient events = new SseClient(http, server.uri("s?offset=-1&live=sse"))) {
      events.nextEvent();
      CompletableFuture<HttpResponse<String>> poll =
          http.sendAsync(
              HttpRequest.newBuilder(server.uri("s?offset=now&live=long-poll")).build(),
              HttpResponse.BodyHandlers.ofString());
      Awaitility.await().until(() -> server.hub().followers(StreamPath.of("s")) == 2);

      server.hub().drain().get();

      assertThat(events.nextEvent().kind()).isEmpty();
      assertThat(poll.get().statusCode()).isEqualTo(503);
      assertThat(header(poll.get(), "retry-after")).isEqualTo("1");
    }
  }

  @Test
  void deletingEndsLiveAnswers() throws Exception {
    text("PUT", "s", "");
    try (SseClient events = new SseClient(http, server.uri("s?offset=-1&live=sse"))) {
      events.nextEvent();
      CompletableFuture<HttpResponse<String>> poll =
          http.sendAsync(
              HttpRequest.newBuilder(server.uri("s?offset=now&live=long-poll")).build(),
              HttpResponse.BodyHandlers.ofString());
      Awaitility.await().until(() -> server.hub().followers(StreamPath.of("s")) == 2);

      assertThat(send("DELETE", "s", "").statusCode()).isEqualTo(204);

      assertThat(events.nextEvent().kind()).isEmpty();
      assertThat(poll.get().statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aLongPollIsAnsweredByTheNextAppendOrAtItsTimeout() throws Exception {
    restart(config(Duration.ofMillis(400), Duration.ofSeconds(60), Duration.ofSeconds(15)));
    String tail = given(text("PUT", "s", "x"), "stream-next-offset");

    HttpResponse<String> nothing = get("s?offset=" + tail + "&live=long-poll");

    assertThat(nothing.statusCode()).isEqualTo(204);
    assertThat(header(nothing, "stream-next-offset")).isEqualTo(tail);
    assertThat(header(nothing, "stream-cursor")).matches("\\d+");
    String cursor = header(nothing, "stream-cursor");
    restart(config(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofSeconds(15)));
    tail = given(text("PUT", "s", "x"), "stream-next-offset");
    CompletableFuture<HttpResponse<String>> poll =
        http.sendAsync(
            HttpRequest.newBuilder(
                    server.uri("s?cursor=" + cursor + "&live=long-poll&offset=" + tail))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    Awaitility.await().until(() -> server.hub().followers(StreamPath.of("s")) == 1);
    text("POST", "s", "y");
    assertThat(poll.get().statusCode()).isEqualTo(200);
    assertThat(poll.get().body()).isEqualTo("y");
    Awaitility.await().until(() -> server.hub().followers(StreamPath.of("s")) == 0);
  }

  @Test
  void aChunkThatIsNotTheEndSaysSo() throws Exception {
    text("PUT", "s", "a".repeat(600));
    text("POST", "s", "b".repeat(600));
    send("POST", "s", "", "stream-closed", "true");

    HttpResponse<String> first = get("s");
    HttpResponse<String> second = get("s?offset=" + header(first, "stream-next-offset"));

    assertThat(first.body()).isEqualTo("a".repeat(600));
    assertThat(header(first, "stream-up-to-date")).isNull();
    assertThat(header(first, "stream-closed")).isNull();
    assertThat(second.body()).isEqualTo("b".repeat(600));
    assertThat(header(second, "stream-closed")).isEqualTo("true");
  }

  @Test
  void closingChangesTheEntityTag() throws Exception {
    text("PUT", "s", "a");
    String open = given(get("s"), "etag");
    send("POST", "s", "", "stream-closed", "true");

    HttpResponse<String> closed = send("GET", "s", "", "if-none-match", open);

    assertThat(closed.statusCode()).isEqualTo(200);
    assertThat(
            send("GET", "s", "", "if-none-match", "\"x\", W/" + header(closed, "etag"))
                .statusCode())
        .isEqualTo(304);
  }

  @Test
  void timeAndLimitChooseWhatIsRead() throws Exception {
    send("PUT", "s", "[1,2,3]", "content-type", "application/json");

    assertThat(get("s?limit=2").body()).isEqualTo("[1,2]");
    assertThat(get("s?limit=2&at=2020-01-01T00:00:00Z").body()).isEqualTo("[1,2]");
    HttpResponse<String> later = get("s?at=" + Instant.now().plusSeconds(5));
    assertThat(later.body()).isEqualTo("[]");
    assertThat(header(later, "stream-from-offset")).isEqualTo(header(later, "stream-next-offset"));
    assertThat(get("s?limit=0").statusCode()).isEqualTo(400);
    assertThat(get("s?at=yesterday").statusCode()).isEqualTo(400);
    assertThat(get("s?at=2020-13-01T00:00:00Z").statusCode()).isEqualTo(400);
    assertThat(get("s?offset=-1&at=2020-01-01T00:00:00Z").statusCode()).isEqualTo(400);
  }

  @Test
  void positionsThatAreNoMoreAreGone() throws Exception {
    String empty = given(text("PUT", "s", ""), "stream-next-offset");
    text("POST", "s", "a");
    String tail = given(text("POST", "s", "b"), "stream-next-offset");
    server.store().trim(StreamPath.of("s"), 2).get();

    assertThat(get("s?offset=" + empty).statusCode()).isEqualTo(410);
    assertThat(get("s?offset=" + empty + "&live=sse").statusCode()).isEqualTo(410);
    assertThat(get("s?offset=-1").body()).isEqualTo("b");
    assertThat(get("s?offset=" + tail.substring(0, 26) + "9").statusCode()).isEqualTo(400);

    send("DELETE", "s", "");
    text("PUT", "s", "new");
    assertThat(get("s?offset=" + tail).statusCode()).isEqualTo(410);
    assertThat(get("s?offset=" + tail + "&live=long-poll").statusCode()).isEqualTo(410);
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, create",
    "POST, append",
    "GET, read",
    "HEAD, read",
    "DELETE, delete",
  })
  void whatIsNotAllowedIsRefused(String method, String right) throws Exception {
    text("PUT", "s", "x");
    caller = allowed(EnumSet.noneOf(Caller.Right.class), Long.MAX_VALUE);

    HttpResponse<String> refused = text(method, "s", method.equals("GET") ? "" : "x");

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(header(refused, "x-content-type-options")).isEqualTo("nosniff");
    if (!method.equals("HEAD")) {
      assertThat(refused.body()).contains("\"code\":\"forbidden\"").contains(right + " s");
    }
  }

  @Test
  void aForkTakesTheRightToReadItsSource() throws Exception {
    text("PUT", "secret", "x");
    caller = allowed(EnumSet.of(Caller.Right.CREATE), Long.MAX_VALUE);

    HttpResponse<String> fork =
        send("PUT", "fork", "", "stream-forked-from", DurableStreams.PREFIX + "secret");

    assertThat(fork.statusCode()).isEqualTo(403);
  }

  @Test
  void whatACallerOpenedEndsWithItsToken() throws Exception {
    restart(config(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMillis(100)));
    text("PUT", "s", "x");
    caller = allowed(EnumSet.of(Caller.Right.READ), System.currentTimeMillis() + 300);
    try (SseClient events = new SseClient(http, server.uri("s?offset=now&live=sse"))) {
      assertThat(header(events.response, "cache-control")).contains("private");
      assertThat(get("s?offset=now&live=long-poll").statusCode()).isEqualTo(204);
      assertThat(events.nextEvent().kind()).isEqualTo("control");
      assertThat(events.nextEvent().kind()).isEmpty();
    }
    assertThat(header(get("s"), "cache-control")).startsWith("private, ");
  }

  private static Caller allowed(Set<Caller.Right> rights, long expiresAt) {
    return new Caller() {
      @Override
      public boolean may(Right right, StreamPath path) {
        return rights.contains(right);
      }

      @Override
      public boolean mayAdministrate() {
        return false;
      }

      @Override
      public @Nullable String subject() {
        return "someone";
      }

      @Override
      public long expiresAt() {
        return expiresAt;
      }
    };
  }

  @Test
  void whatSomeoneWithANameReadsIsNotForSharedCaches() throws Exception {
    text("PUT", "s", "x");
    assertThat(header(get("s"), "cache-control")).startsWith("public, ");
    assertThat(header(get("s"), "vary")).isNull();
    caller = allowed(EnumSet.of(Caller.Right.READ), Long.MAX_VALUE);

    HttpResponse<String> data = get("s");
    HttpResponse<String> nothing = get("s?offset=" + header(data, "stream-next-offset"));
    HttpResponse<String> unchanged = send("GET", "s", "", "if-none-match", given(data, "etag"));

    for (HttpResponse<String> answer : List.of(data, nothing, unchanged)) {
      assertThat(header(answer, "cache-control")).startsWith("private, ");
      assertThat(header(answer, "vary")).isEqualTo("Authorization");
    }
    assertThat(unchanged.statusCode()).isEqualTo(304);
    assertThat(header(send("PUT", "t", ""), "vary")).isEqualTo("Authorization");
  }

  @Test
  void anAnswerIsCachedNoLongerThanTheStreamLives() throws Exception {
    send("PUT", "s", "x", "content-type", "text/plain", "stream-ttl", "7");

    assertThat(header(get("s"), "cache-control")).isEqualTo("public, max-age=7");
    assertThat(header(get("s?offset=now"), "cache-control")).isEqualTo("no-store");
  }

  @Test
  void aMessageBeyondItsLimitIsRefusedByName() throws Exception {
    text("PUT", "s", "");
    HttpResponse<String> refused = text("POST", "s", "x".repeat(200_001));

    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(refused.body()).contains("200001 bytes (expected: <= 200000)");
    send("PUT", "j", "", "content-type", "application/json");
    String element = "\"" + "y".repeat(150_000) + "\"";
    assertThat(
            send(
                    "POST",
                    "j",
                    "[" + element + "," + element + "]",
                    "content-type",
                    "application/json")
                .statusCode())
        .isEqualTo(204); // each is small enough
    assertThat(
            send("POST", "j", "[".repeat(100_000), "content-type", "application/json").statusCode())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"__ds", "__ds/subscriptions/x", ""})
  void reservedPathsAreNoStreams(String path) throws Exception {
    assertThat(text("PUT", path, "x").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "stream-ttl, 12345678901234567890",
    "stream-ttl, 1.5",
    "stream-expires-at, 2026-11-21",
    "stream-fork-offset, -1",
    "stream-forked-from, elsewhere/s",
    "stream-forked-from, /v1/stream/__ds/x",
    "content-type, nonsense",
  })
  void aBadHeaderIsRefusedByName(String name, String value) throws Exception {
    HttpResponse<String> refused = send("PUT", "s", "", name, value);

    assertThat(refused.statusCode()).isIn(400, 404);
    assertThat(refused.body())
        .contains("\"error\"")
        .contains("expected")
        .satisfiesAnyOf(
            body -> assertThat(body).contains(name), body -> assertThat(body).contains("__ds"));
    assertThat(send("HEAD", "s", "").statusCode()).isEqualTo(404);
  }

  @Test
  void unknownMethodsAndModesAreRefused() throws Exception {
    text("PUT", "s", "x");
    HttpResponse<String> patched = text("PATCH", "s", "x");
    assertThat(patched.statusCode()).isEqualTo(405);
    assertThat(header(patched, "allow")).contains("GET").contains("DELETE");
    assertThat(get("s?offset=-1&live=websocket").statusCode()).isEqualTo(400);
    assertThat(get("s?live=sse").statusCode()).isEqualTo(400);
  }

  @Test
  void binaryStreamsAreFollowedInBase64() throws Exception {
    send("PUT", "s", "\u0000\n", "content-type", "image/png");
    try (SseClient events = new SseClient(http, server.uri("s?offset=-1&live=sse"))) {
      assertThat(header(events.response, "stream-sse-data-encoding")).isEqualTo("base64");
      assertThat(Base64.getDecoder().decode(events.nextEvent().data())).containsExactly(0, '\n');
    }
  }

  @Test
  void aStreamWithLiveReadersDoesNotExpire() throws Exception {
    restart(config(Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMillis(400)));
    send("PUT", "s", "x", "content-type", "text/plain", "stream-ttl", "1");
    Instant created = Instant.now();
    try (SseClient events = new SseClient(http, server.uri("s?offset=now&live=sse"))) {
      while (Instant.now().isBefore(created.plusMillis(2_500))) {
        assertThat(events.next().kind()).isIn("control", ":"); // a heartbeat each 400 ms
      }
      assertThat(send("HEAD", "s", "").statusCode()).isEqualTo(200);
    }
  }
}
