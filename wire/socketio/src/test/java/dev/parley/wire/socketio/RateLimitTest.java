package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client that sends too much hears. The limits themselves: {@link InboundTest}. */
final class RateLimitTest {
  private final List<AutoCloseable> open = new ArrayList<>();
  private final AtomicInteger handled = new AtomicInteger();
  private int port;

  private SocketIoServer start(InboundConfig inbound) throws IOException {
    StreamPolicies policies = StreamPolicies.uniform(StreamPolicy.DEFAULT);
    MemoryStore store = new MemoryStore(policies, InstantSource.system());
    Hub hub = new Hub(store, policies, HubConfig.defaults());
    SocketIoConfig usual = SocketIoConfig.defaults();
    SocketIoServer io =
        new SocketIoServer(
            new SocketIoConfig(
                usual.engine(),
                usual.limits(),
                usual.connectTimeout(),
                usual.maxNamespaces(),
                usual.maxWaitingEvents(),
                usual.maxWaitingBytes(),
                usual.recovery(),
                usual.rooms(),
                usual.builtIn(),
                usual.requireToken(),
                usual.presenceGrace(),
                usual.backend(),
                usual.slow(),
                inbound),
            hub,
            null);
    HttpServer http = HttpServer.start(TransportConfig.defaults().withPort(0), io::handle);
    port = http.address().getPort();
    open.addAll(List.of(store, hub, io, http));
    io.main()
        .onConnection(socket ->
            socket.on(
                "m",
                arguments -> {
                  handled.incrementAndGet();
                  arguments.ack().send("handled");
                }));
    return io;
  }

  /** 600 at once, then one a second. */
  private static InboundConfig slow(boolean byAddress) {
    Duration burst = Duration.ofMinutes(10);
    return byAddress
        ? new InboundConfig(0, 0, 0, 0, 1, 0, burst, true)
        : new InboundConfig(1, 0, 0, 0, 0, 0, burst, true);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private SlowSocket client() throws IOException {
    SlowSocket client = new SlowSocket(port);
    open.add(client);
    client.send("40");
    assertThat(client.read()).startsWith("40{");
    return client;
  }

  @Test
  void anEventBeyondTheLimitIsAnsweredWithWhenToComeBackAndNotHandled() throws IOException {
    SocketIoServer io = start(slow(false));
    SlowSocket client = client();
    for (int i = 0; i < 599; i++) { // one of 600 was the connect packet
      client.send("42[\"m\"]");
    }
    client.send("427[\"m\"]");

    assertThat(client.read())
        .startsWith(
            "437[{\"error\":{\"code\":\"rate_limited\",\"message\":\"rate: too many events"
                + " (expected: 1 a second of one connection)\",\"retry\":true,\"retryAfter\":");
    assertThat(io.pressure().refused()).isEqualTo(1);
    assertThat(handled.get()).isLessThanOrEqualTo(599);
  }

  @Test
  void anEventWithoutAnAckIsAnsweredByAnErrorEventOnceASecond() throws IOException {
    SocketIoServer io = start(slow(true));
    SlowSocket client = client();
    for (int i = 0; i < 602; i++) {
      client.send("42[\"m\"]");
    }
    client.send("428[\"m\"]");

    List<String> read = client.readUntil(packet -> packet.startsWith("438["));
    assertThat(read)
        .filteredOn(packet -> packet.startsWith("42[\"parley:error\",{\"error\":{"))
        .isNotEmpty()
        .hasSizeLessThan(4)
        .first()
        .asString()
        .contains("\"code\":\"rate_limited\"", "of one address", "\"retryAfter\":");
    assertThat(io.pressure().refused()).isEqualTo(4);
  }

  /** One a second; the answer to one event brings the next, so that it is as fast as it can be. */
  private BlockingQueue<String> startForAFlood() throws IOException {
    BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
    start(new InboundConfig(1, 0, 0, 0, 0, 0, Duration.ofMillis(1), true))
        .main()
        .onConnection(socket -> socket.onDisconnect(reasons::add));
    return reasons;
  }

  @Test
  void aFloodOverWebSocketEndsWithWhyAndWhenToComeBack() throws IOException {
    BlockingQueue<String> reasons = startForAFlood();
    TestClient client = TestClient.open(port, 4);
    open.add(client);
    var _ = client.connect("/", "");
    String packet;
    do {
      packet = client.send("427[\"m\"]").next();
    } while (packet.startsWith("437["));

    assertThat(packet)
        .startsWith("42[\"parley:error\",{\"error\":{\"code\":\"rate_limited\"")
        .containsPattern("\"retry\":true,\"retryAfter\":\\d+}}]$");
    assertThat(client.next()).isEqualTo("close 1013");
    assertThat(Trial.next(reasons)).isEqualTo("rate limited");
  }

  @Test
  void aFloodOverPollingEndsWithWhyAndWhenToComeBack() throws IOException {
    BlockingQueue<String> reasons = startForAFlood();
    TestClient client = TestClient.polling(port);
    open.add(client);
    client.send("40").poll();
    assertThat(client.next()).startsWith("40{");
    String packet;
    do {
      client.send("427[\"m\"]").poll();
      packet = client.next();
    } while (packet.startsWith("437["));

    assertThat(packet)
        .startsWith("42[\"parley:error\",{\"error\":{\"code\":\"rate_limited\"")
        .containsPattern("\"retry\":true,\"retryAfter\":\\d+}}]$");
    client.poll();
    assertThat(client.next()).isEqualTo("1");
    assertThat(Trial.next(reasons)).isEqualTo("rate limited");
  }

  @Test
  void aMessageThatIsTooBigEndsWithWhy() throws IOException {
    BlockingQueue<String> reasons = startForAFlood();
    String big = "42[\"" + "x".repeat(1_000_000) + "\"]";
    TestClient client = TestClient.open(port, 4);
    open.add(client);
    var _ = client.connect("/", "");

    assertThat(client.send(big).next()).isEqualTo("close 1009");
    assertThat(Trial.next(reasons)).isEqualTo("message too big");

    TestClient polling = TestClient.polling(port);
    open.add(polling);
    polling.send("40").poll();
    polling.send(big);
    assertThat(Trial.next(reasons)).isEqualTo("message too big");
  }

  @Test
  void thisMachineIsNotLimitedByDefault() throws IOException {
    SocketIoServer io = start(InboundConfig.defaults());
    SlowSocket client = client();
    for (int i = 0; i < 20_000; i++) {
      client.send("42[\"m\"]");
    }
    client.send("429[\"m\"]");
    assertThat(client.read()).isEqualTo("439[\"handled\"]");
    assertThat(handled.get()).isEqualTo(20_001);
    assertThat(io.pressure().refused()).isZero();
  }
}
