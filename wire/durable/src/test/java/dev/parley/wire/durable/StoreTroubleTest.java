package dev.parley.wire.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Caller;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.CreateResult;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients see when the store fails, or a stream is replaced between two looks at it. */
final class StoreTroubleTest {
  private static final StreamPath S = StreamPath.of("s");
  private static final String INSIDE = "/srv/parley/data/000042.sst";

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicReference<StoreException.@Nullable Code> failure = new AtomicReference<>();
  private final AtomicReference<@Nullable Runnable> afterNextLook = new AtomicReference<>();
  private final AtomicReference<@Nullable Runnable> beforeNextFork = new AtomicReference<>();
  private final Store store = new TroubledStore();
  private WireServer server;

  private final class TroubledStore extends ForwardingStore {
    TroubledStore() {
      super(new MemoryStore());
    }

    private <T> CompletableFuture<T> unlessFailing(CompletableFuture<T> result) {
      StoreException.Code code = failure.get();
      return code == null
          ? result
          : CompletableFuture.failedFuture(new StoreException(code, "cannot use " + INSIDE));
    }

    private <T> CompletableFuture<T> looked(CompletableFuture<T> result) {
      T seen = result.join();
      Runnable next = afterNextLook.getAndSet(null);
      if (next != null) {
        next.run();
      }
      return unlessFailing(CompletableFuture.completedFuture(seen));
    }

    @Override
    public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
      Runnable next = spec.fork() == null ? null : beforeNextFork.getAndSet(null);
      if (next != null) {
        next.run();
      }
      return unlessFailing(super.create(path, spec));
    }

    @Override
    public CompletableFuture<AppendResult> append(StreamPath path, Append append) {
      return unlessFailing(super.append(path, append));
    }

    @Override
    public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
      return looked(super.head(path));
    }

    @Override
    public CompletableFuture<Optional<Slice>> read(
        StreamPath path, long after, int maxMessages, int maxBytes) {
      return looked(super.read(path, after, maxMessages, maxBytes));
    }
  }

  @BeforeEach
  void start() throws IOException {
    server =
        new WireServer(
            0,
            DurableConfig.defaults(),
            StreamPolicies.uniform(StreamPolicy.DEFAULT),
            store,
            () -> Caller.ANYONE);
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("content-type", "text/plain");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(server.uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The tail of a stream that may expire, so that each look at it is one at the store. */
  private String created(String body) throws IOException, InterruptedException {
    return send("PUT", "s", body, "stream-ttl", "1000")
        .headers()
        .firstValue("stream-next-offset")
        .orElseThrow();
  }

  /** Another stream at the same path, with one message. */
  private void replace() {
    var _ = store.delete(S).join();
    StreamSpec spec = StreamSpec.of("text/plain");
    var _ = store.create(S, spec).join();
    var _ = store.append(S, Append.of(new byte[] {'n', 'e', 'w'})).join();
  }

  @ParameterizedTest
  @CsvSource({
    "FULL, 507, true",
    "BUSY, 503, true",
    "STOPPED, 503, true",
    "LOCKED, 500, false",
    "CORRUPT, 500, false",
    "IO, 500, false",
  })
  void aStoreFailureSaysWhetherToComeBackAndNothingOfTheInside(
      StoreException.Code code, int status, boolean retry) throws Exception {
    send("PUT", "s", "x");
    failure.set(code);

    for (HttpResponse<String> answer :
        List.of(send("POST", "s", "y"), send("PUT", "t", "x"), get("never"))) {
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.headers().firstValue("retry-after").isPresent()).isEqualTo(retry);
      assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
      assertThat(answer.body())
          .contains("\"code\":\"store_")
          .contains("\"retry\":" + retry)
          .doesNotContain(INSIDE);
    }
  }

  @Test
  void aForkOfASourceThatWasReplacedMeanwhileIsNotMade() throws Exception {
    String tail = created("old");
    beforeNextFork.set(this::replace);

    HttpResponse<String> fork =
        send(
            "PUT",
            "fork",
            "",
            "stream-forked-from",
            DurableStreams.PREFIX + "s",
            "stream-fork-offset",
            tail);

    assertThat(fork.statusCode()).isEqualTo(409);
    assertThat(fork.body()).contains("\"source_replaced\"").contains("\"retry\":true");
    assertThat(get("fork").statusCode()).isEqualTo(404);
    assertThat(get("s").body()).isEqualTo("new");
  }

  @Test
  void aLongPollNeverHearsOfTheStreamThatTookItsPlace() throws Exception {
    String tail = created("old");
    afterNextLook.set(this::replace);

    HttpResponse<String> poll = get("s?live=long-poll&offset=" + tail);

    assertThat(poll.statusCode()).isEqualTo(410);
    assertThat(poll.body()).contains("\"other_stream\"");
  }

  @Test
  void anEventStreamNeverTellsOfTheStreamThatTookItsPlace() throws Exception {
    created("");
    afterNextLook.set(this::replace);

    try (SseClient events = new SseClient(http, server.uri("s?live=sse&offset=-1"))) {
      assertThat(events.response.statusCode()).isEqualTo(200);
      assertThat(events.nextEvent().kind()).isEmpty();
    }
  }
}
