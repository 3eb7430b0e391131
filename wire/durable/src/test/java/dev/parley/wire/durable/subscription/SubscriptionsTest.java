package dev.parley.wire.durable.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.CreateResult;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.PathPattern;
import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import dev.parley.wire.durable.ForwardingStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The subscription group as its clients meet it; the published suite has the rest. */
@Timeout(60)
class SubscriptionsTest {
  private static final String PULL =
      "{\"type\":\"pull-wake\",\"streams\":[\"events/a\"],\"wake_stream\":\"wake/pool\"}";

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Semaphore creations = new Semaphore(0);
  private final AtomicReference<@Nullable CompletableFuture<CreateResult>> instead =
      new AtomicReference<>();
  private final Store store =
      new ForwardingStore(new MemoryStore()) {
        @Override
        public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
          CompletableFuture<CreateResult> other = instead.get();
          creations.release();
          return other == null ? super.create(path, spec) : other;
        }
      };
  private volatile Caller caller = Caller.ANYONE;
  private Hub hub;
  private Subscriptions subscriptions;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    hub = new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), HubConfig.defaults());
    subscriptions =
        new Subscriptions(
            hub,
            new SubscriptionConfig(
                PrivateTargets.LOOPBACK, 10, 10, 1_024, 4, Duration.ofSeconds(10), null),
            folder.resolve("keys.json"),
            InstantSource.system());
    server =
        HttpServer.start(
            TransportConfig.defaults().withPort(0),
            (request, response) -> subscriptions.handle(request, response, caller));
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    subscriptions.close();
    server.close();
    hub.close();
    store.close();
  }

  private HttpRequest request(String method, String path, String body) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.address().getPort() + Views.ROOT + path))
        .method(method, HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(request(method, path, body), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{} {}",
        "{\"type\":\"pull-wake\"}",
        "{\"type\":\"email\",\"streams\":[\"a\"]}",
        "{\"type\":7,\"streams\":[\"a\"]}",
        "{\"type\":\"webhook\",\"streams\":[\"a\"]}",
        "{\"type\":\"webhook\",\"streams\":[\"a\"],\"webhook\":{\"url\":\"http://10.0.0.1/\"}}",
        "{\"type\":\"webhook\",\"streams\":[\"a\"],\"webhook\":\"https://example.com\"}",
        "{\"type\":\"pull-wake\",\"streams\":[],\"wake_stream\":\"w\"}",
        "{\"type\":\"pull-wake\",\"streams\":\"a\",\"wake_stream\":\"w\"}",
        "{\"type\":\"pull-wake\",\"streams\":[1],\"wake_stream\":\"w\"}",
        "{\"type\":\"pull-wake\",\"streams\":[\"a/../b\"],\"wake_stream\":\"w\"}",
        "{\"type\":\"pull-wake\",\"streams\":[\"__ds/x\"],\"wake_stream\":\"w\"}",
        "{\"type\":\"pull-wake\",\"streams\":[\"w\"],\"wake_stream\":\"w\"}",
        "{\"type\":\"pull-wake\",\"streams\":[\"a\"],\"wake_stream\":\"__ds/w\"}",
        "{\"type\":\"pull-wake\",\"streams\":[\"a\"],\"wake_stream\":\"w\",\"lease_ttl_ms\":1}",
        "{\"type\":\"pull-wake\",\"streams\":[\"a\"],\"wake_stream\":\"w\",\"lease_ttl_ms\":1.5}",
        "{\"type\":\"pull-wake\",\"streams\":[\"a\"],\"wake_stream\":\"w\",\"color\":1}",
        "{\"type\":\"pull-wake\",\"pattern\":\"a//b\",\"wake_stream\":\"w\"}",
        "{\"type\":\"pull-wake\",\"type\":\"webhook\",\"streams\":[\"a\"],\"wake_stream\":\"w\"}",
        "{\"type\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}"
      })
  void aBadDefinitionIsRefusedAndLeavesNothing(String body) throws Exception {
    HttpResponse<String> refused = send("PUT", "subscriptions/s", body);

    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    assertThat(refused.body()).contains("\"message\":").contains("expected");
    assertThat(refused.headers().firstValue("cache-control")).contains("no-store");
    assertThat(refused.headers().firstValue("x-content-type-options")).contains("nosniff");
    assertThat(send("GET", "subscriptions/s", "").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "claim | {}",
        "claim | {\"worker\":7}",
        "ack | {}",
        "ack | {\"wake_id\":\"w\",\"generation\":\"1\"}",
        "ack | {\"wake_id\":\"w\",\"generation\":1,\"done\":\"yes\"}",
        "ack | {\"wake_id\":\"w\",\"generation\":1,\"acks\":{}}",
        "ack | {\"wake_id\":\"w\",\"generation\":1,\"acks\":[{\"stream\":\"a\"}]}",
        "callback | nonsense",
        "release | [1]",
        "streams | {\"streams\":7}",
        "streams | {\"streams\":[\"/../\"]}",
      })
  void aBadReportIsRefusedByName(String action, String body) throws Exception {
    send("PUT", "subscriptions/s", PULL);

    HttpResponse<String> refused = send("POST", "subscriptions/s/" + action, body);

    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    assertThat(refused.body()).contains("INVALID_REQUEST").contains("expected");
  }

  @ParameterizedTest
  @CsvSource({
    "subscriptions/s, 'GET, PUT, DELETE'",
    "subscriptions/s/streams, POST",
    "subscriptions/s/streams/events%2Fa, DELETE",
    "subscriptions/s/claim, POST",
    "subscriptions/s/callback, POST",
    "subscriptions/s/ack, POST",
    "subscriptions/s/release, POST",
    "jwks.json, GET",
  })
  void anotherMethodIsToldWhichThereAre(String path, String methods) throws Exception {
    HttpResponse<String> refused = send("PATCH", path, "");

    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("allow")).contains(methods);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, subscriptions/s, 403",
    "PUT, subscriptions/s, 403",
    "DELETE, subscriptions/s, 403",
    "POST, subscriptions/s/streams, 403",
    "DELETE, subscriptions/s/streams/events%2Fa, 403",
    "POST, subscriptions/s/claim, 403",
    "POST, subscriptions/s/callback, 401",
    "POST, subscriptions/s/ack, 401",
    "POST, subscriptions/s/release, 401",
    "GET, jwks.json, 200",
  })
  void whoHasNoRightsGetsNothing(String method, String path, int status) throws Exception {
    send("PUT", "subscriptions/s", PULL);
    caller = with(Map.of());
    String body = method.equals("PUT") ? PULL : "{\"wake_id\":\"w\",\"generation\":1}";

    assertThat(send(method, path, body).statusCode()).isEqualTo(status);
    caller = Caller.ANYONE;
    assertThat(send("GET", "subscriptions/s", "").body()).contains("events/a");
  }

  @Test
  void namingAStreamTakesTheRightToItEvenForAnAdministratorOfSubscriptions() throws Exception {
    PathPattern control = PathPattern.of("__ds/**");
    PathPattern events = PathPattern.of("events/*");
    PathPattern wakes = PathPattern.of("wake/*");
    caller = with(Map.of(Caller.Right.ADMIN, control));
    assertThat(send("PUT", "subscriptions/s", PULL).body()).contains("read on events/a");
    caller = with(Map.of(Caller.Right.ADMIN, control, Caller.Right.READ, events));
    assertThat(send("PUT", "subscriptions/s", PULL).body()).contains("append on wake/pool");
    caller =
        with(
            Map.of(
                Caller.Right.ADMIN, control,
                Caller.Right.READ, events,
                Caller.Right.APPEND, wakes));
    assertThat(send("PUT", "subscriptions/s", PULL).statusCode()).isEqualTo(201);
    assertThat(send("POST", "subscriptions/s/streams", "{\"streams\":[\"secret\"]}").statusCode())
        .isEqualTo(403);
  }

  private static Caller with(Map<Caller.Right, PathPattern> rights) {
    return new Caller() {
      @Override
      public boolean may(Right right, StreamPath path) {
        PathPattern pattern = rights.get(right);
        return pattern != null && pattern.matches(path);
      }

      @Override
      public boolean mayAdministrate() {
        return false;
      }

      @Override
      public String subject() {
        return "someone";
      }

      @Override
      public long expiresAt() {
        return Long.MAX_VALUE;
      }
    };
  }

  @ParameterizedTest
  @CsvSource({"FULL, 507", "BUSY, 503", "STOPPED, 503", "IO, 500", "CORRUPT, 500"})
  void aSubscriptionTheStoreDoesNotTakeIsNone(StoreException.Code code, int status)
      throws Exception {
    instead.set(CompletableFuture.failedFuture(new StoreException(code, "/srv/data is bad")));

    HttpResponse<String> refused = send("PUT", "subscriptions/s", PULL);

    assertThat(refused.statusCode()).isEqualTo(status);
    assertThat(refused.headers().firstValue("retry-after").isPresent()).isEqualTo(status > 500);
    assertThat(refused.body()).doesNotContain("/srv");
    assertThat(send("GET", "subscriptions/s", "").statusCode()).isEqualTo(404);
  }

  @Test
  void whoWaitsWhenTheServerStopsIsToldToComeBack() throws Exception {
    instead.set(new CompletableFuture<>()); // a store that never answers
    CompletableFuture<HttpResponse<String>> waiting =
        http.sendAsync(
            request("PUT", "subscriptions/s", PULL), HttpResponse.BodyHandlers.ofString());
    creations.acquireUninterruptibly();

    subscriptions.close();

    assertThat(waiting.get().statusCode()).isEqualTo(503);
    assertThat(waiting.get().headers().firstValue("retry-after")).isPresent();
    assertThat(send("GET", "subscriptions/s", "").statusCode()).isEqualTo(503);
  }
}
