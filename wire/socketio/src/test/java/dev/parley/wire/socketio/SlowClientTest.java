package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.socketio.SlowPolicy;
import dev.parley.socketio.Socket;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that does not read, and a server that has more for it than sockets take. */
final class SlowClientTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String LOAD = "x".repeat(16 << 10);
  private static final int EVENTS = 1_500; // 24 MB

  private final List<AutoCloseable> open = new ArrayList<>();
  private final BlockingQueue<Socket> connected = new LinkedBlockingQueue<>();
  private int port;

  private static SocketIoConfig config(boolean recovers, List<SlowConfig> slow) {
    SocketIoConfig usual = SocketIoConfig.defaults();
    RecoveryConfig recovery = usual.recovery();
    return new SocketIoConfig(
        usual.engine(),
        usual.limits(),
        usual.connectTimeout(),
        usual.maxNamespaces(),
        usual.maxWaitingEvents(),
        usual.maxWaitingBytes(),
        recovers ? recovery : new RecoveryConfig(Duration.ZERO, 1, true),
        usual.rooms(),
        usual.builtIn(),
        usual.requireToken(),
        usual.presenceGrace(),
        usual.backend(),
        slow,
        usual.inbound());
  }

  private SocketIoServer start(SocketIoConfig config) throws IOException {
    StreamPolicies policies = StreamPolicies.uniform(StreamPolicy.DEFAULT);
    MemoryStore store = new MemoryStore(policies, InstantSource.system());
    Hub hub = new Hub(store, policies, HubConfig.defaults());
    SocketIoServer io = new SocketIoServer(config, hub, null);
    HttpServer http = HttpServer.start(TransportConfig.defaults().withPort(0), io::handle);
    port = http.address().getPort();
    open.addAll(List.of(store, hub, io, http));
    io.main()
        .onConnection(socket -> {
          socket.join("ticker", "orders", "price-1", "price-2");
          connected.add(socket);
        });
    return io;
  }

  private SocketIoServer start(boolean recovers, SlowConfig... slow) throws IOException {
    return start(config(recovers, List.of(slow)));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  /** Connects and waits until it is in its rooms. */
  private SlowSocket client() throws Exception {
    SlowSocket client = new SlowSocket(port);
    open.add(client);
    client.send("40");
    assertThat(client.read()).startsWith("40{");
    Objects.requireNonNull(connected.poll(60, TimeUnit.SECONDS));
    return client;
  }

  private static void await(BooleanSupplier done) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!done.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as("60 s").isNegative();
      Thread.onSpinWait();
    }
  }

  private static void emit(SocketIoServer io, String room, int number, Object key) {
    io.main().to(room).emit(room, Map.of("n", number, "k", key, "load", LOAD));
  }

  private static SlowConfig slow(String room, SlowConfig.Kind kind, int maxEvents) {
    return new SlowConfig("/", room, kind, "", maxEvents, 100 << 20);
  }

  /** What came, taken apart: the name and the arguments of each event. */
  private static List<JsonNode> events(List<String> packets) {
    return packets.stream().map(packet -> JSON.readTree(packet.substring(2))).toList();
  }

  private static boolean isLast(String packet) {
    return packet.startsWith("42[\"end\"");
  }

  private static int number(JsonNode event) {
    return event.get(1).get("n").intValue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theOldestAreDroppedAndEachIsAccountedFor(boolean recovers) throws Exception {
    SocketIoServer io = start(recovers, slow("ticker", SlowConfig.Kind.DROP_OLDEST, 10));
    SlowSocket client = client();
    for (int i = 0; i < EVENTS; i++) {
      emit(io, "ticker", i, 0);
    }
    await(() -> io.pressure().dropped() > 0);
    io.main().emit("end");

    int next = 0;
    long gaps = 0;
    long missed = 0;
    for (JsonNode event : events(client.readUntil(SlowClientTest::isLast))) {
      switch (event.get(0).stringValue()) {
        case "parley:gap" -> {
          gaps++;
          assertThat(event.get(1).get("room").stringValue()).isEqualTo("ticker");
          missed += event.get(1).get("missed").longValue();
          next += event.get(1).get("missed").intValue();
        }
        case "ticker" -> {
          assertThat(number(event)).isEqualTo(next);
          next++;
        }
        default -> assertThat(event.get(0).stringValue()).isEqualTo("end");
      }
    }
    assertThat(next).isEqualTo(EVENTS);
    assertThat(missed).isPositive();
    assertThat(io.pressure())
        .isEqualTo(new BackPressureStats(io.pressure().waited(), missed, 0, gaps, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onlyTheNewestOfEachKeyWaits(boolean recovers) throws Exception {
    SocketIoServer io = start(recovers);
    io.main().onSlow("price-*", SlowPolicy.latestBy("/k"));
    SlowSocket client = client();
    for (int i = 0; i < EVENTS; i++) {
      emit(io, "price-" + (1 + i % 2), i, i % 3);
    }
    await(() -> io.pressure().conflated() > 0);
    io.main().emit("end");

    Map<String, Integer> newest = new HashMap<>();
    int last = -1;
    int received = 0;
    for (JsonNode event : events(client.readUntil(SlowClientTest::isLast))) {
      if (!event.get(0).stringValue().equals("end")) {
        assertThat(number(event)).isGreaterThan(last);
        last = number(event);
        received++;
        newest.put(event.get(0).stringValue() + event.get(1).get("k"), last);
      }
    }
    assertThat(newest.values())
        .containsExactlyInAnyOrder(
            EVENTS - 1, EVENTS - 2, EVENTS - 3, EVENTS - 4, EVENTS - 5, EVENTS - 6);
    assertThat(io.pressure())
        .isEqualTo(
            new BackPressureStats(io.pressure().waited(), 0, EVENTS - received, 0, 0, 0, 0, 0));
  }

  @Test
  void whatIsDroppedDoesNotComeBackFromTheBacklog() throws Exception {
    SocketIoServer io = start(true, slow("ticker", SlowConfig.Kind.DROP_OLDEST, 5));
    SlowSocket client = new SlowSocket(port);
    open.add(client);
    client.send("40");
    String pid = JSON.readTree(client.read().substring(2)).get("pid").stringValue();
    Objects.requireNonNull(connected.poll(60, TimeUnit.SECONDS));
    for (int i = 0; i < EVENTS; i++) {
      emit(io, i % 2 == 0 ? "ticker" : "orders", i, 0);
    }
    await(() -> io.pressure().dropped() > 0);
    io.main().emit("end");

    List<JsonNode> events = events(client.readUntil(SlowClientTest::isLast));
    int orders = 0;
    int tickers = 0;
    long missed = 0;
    int last = -1;
    long offset = 0;
    for (JsonNode event : events) {
      String name = event.get(0).stringValue();
      if (name.equals("parley:gap")) {
        missed += event.get(1).get("missed").longValue();
        continue;
      }
      long position = Long.parseLong(event.get(event.size() - 1).stringValue(), 36);
      assertThat(position).isGreaterThan(offset);
      offset = position;
      if (!name.equals("end")) {
        assertThat(number(event)).isGreaterThan(last);
        last = number(event);
        orders += name.equals("orders") ? 1 : 0;
        tickers += name.equals("ticker") ? 1 : 0;
      }
    }
    assertThat(orders).as("what is lossless").isEqualTo(EVENTS / 2);
    assertThat(tickers + missed).isEqualTo(EVENTS / 2);
    assertThat(io.pressure().dropped()).isEqualTo(missed);

    client.close();
    await(() -> io.connections() == 0);
    SlowSocket again = new SlowSocket(port);
    open.add(again);
    again.send("40{\"pid\":\"" + pid + "\",\"offset\":\"" + Long.toString(offset, 36) + "\"}");
    assertThat(again.read()).contains(pid);
    io.main().emit("end");
    assertThat(again.read()).startsWith("42[\"end\"");
  }

  @Test
  void whoIsLostWhileEventsWaitGetsAllItMissedInOrder() throws Exception {
    SocketIoServer io = start(true, slow("ticker", SlowConfig.Kind.DROP_OLDEST, 5));
    SlowSocket client = new SlowSocket(port);
    open.add(client);
    client.send("40");
    String pid = JSON.readTree(client.read().substring(2)).get("pid").stringValue();
    Objects.requireNonNull(connected.poll(60, TimeUnit.SECONDS));
    for (int i = 0; i < EVENTS; i++) {
      emit(io, "ticker", i, 0);
    }
    await(() -> io.pressure().dropped() > 0);
    JsonNode first = events(List.of(client.read())).getFirst();
    client.close();
    await(() -> io.connections() == 0);

    SlowSocket again = new SlowSocket(port);
    open.add(again);
    again.send("40{\"pid\":\"" + pid + "\",\"offset\":" + first.get(2) + "}");
    assertThat(again.read()).contains(pid);
    io.main().emit("end");
    List<Integer> numbers =
        events(again.readUntil(SlowClientTest::isLast)).stream()
            .filter(event -> event.get(0).stringValue().equals("ticker"))
            .map(SlowClientTest::number)
            .toList();
    assertThat(numbers).isEqualTo(java.util.stream.IntStream.range(1, EVENTS).boxed().toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSlowClientIsDisconnectedAtOnce(boolean recovers) throws Exception {
    SocketIoServer io = start(recovers);
    io.main().onSlow(SlowPolicy.disconnect());
    SlowSocket client = client();
    for (int i = 0; i < EVENTS; i++) {
      emit(io, "ticker", i, 0);
    }
    await(() -> io.connections() == 0);
    assertThat(io.pressure())
        .isEqualTo(new BackPressureStats(io.pressure().waited(), 0, 0, 0, 1, 0, 0, 0));
    assertThat(client.readToEnd()).hasSizeLessThan(EVENTS);
  }

  @Test
  void withoutAPolicyTheConnectionEndsWhenTooMuchWaits() throws Exception {
    SocketIoServer io = start(false);
    SlowSocket client = client();
    for (int i = 0; i < EVENTS; i++) {
      emit(io, "ticker", i, 0);
    }
    await(() -> io.connections() == 0);
    assertThat(io.pressure())
        .isEqualTo(new BackPressureStats(io.pressure().waited(), 0, 0, 0, 0, 1, 0, 0));
    assertThat(client.readToEnd()).hasSizeLessThan(EVENTS);
  }

  @Test
  void withoutAPolicyOneThatRecoversCatchesUp() throws Exception {
    SocketIoServer io = start(true);
    SlowSocket client = client();
    for (int i = 0; i < EVENTS; i++) {
      emit(io, "ticker", i, 0);
    }
    io.main().emit("end");
    List<Integer> numbers =
        events(client.readUntil(SlowClientTest::isLast)).stream()
            .filter(event -> event.get(0).stringValue().equals("ticker"))
            .map(SlowClientTest::number)
            .toList();
    assertThat(numbers).isEqualTo(java.util.stream.IntStream.range(0, EVENTS).boxed().toList());
  }

  @Test
  void anEventThatWantsAnAnswerIsNotDropped() throws Exception {
    SocketIoServer io = start(false, slow("", SlowConfig.Kind.DROP_OLDEST, 1));
    SlowSocket client = new SlowSocket(port);
    open.add(client);
    client.send("40");
    assertThat(client.read()).startsWith("40{");
    Socket socket = Objects.requireNonNull(connected.poll(60, TimeUnit.SECONDS));
    for (int i = 0; i < EVENTS; i++) {
      socket.emit("ticker", LOAD);
    }
    var answer = socket.emitWithAck("question");
    socket.emit("ticker", LOAD);
    socket.emit("end");
    await(() -> io.pressure().dropped() > 0);
    List<String> packets = client.readUntil(SlowClientTest::isLast);
    assertThat(packets).filteredOn(packet -> packet.endsWith("[\"question\"]")).hasSize(1);
    assertThat(answer).isNotDone();
  }
}
