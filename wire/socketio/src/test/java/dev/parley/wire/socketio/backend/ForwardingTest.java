package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.socketio.Namespace.HandlerThreads;
import dev.parley.socketio.Socket;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import dev.parley.wire.socketio.SocketIoConfig;
import dev.parley.wire.socketio.SocketIoServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Clients that write packets by hand, a real server, and a real backend behind it. */
final class ForwardingTest {
  private static final String YES = "{\"allow\":true}";

  private final StreamPolicies policies = StreamPolicies.uniform(StreamPolicy.DEFAULT);
  private final MemoryStore store = new MemoryStore(policies, InstantSource.system());
  private final Hub hub = new Hub(store, policies, HubConfig.defaults());
  private final SocketIoServer io = new SocketIoServer(SocketIoConfig.defaults(), hub, null);
  private final HttpServer http;
  private final RealBackend backend = RealBackend.answering(YES);
  private final BlockingQueue<Socket> connected = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  ForwardingTest() throws IOException {
    http = HttpServer.start(TransportConfig.defaults().withPort(0), io::handle);
    open.addAll(List.of(store, hub, io, http, backend));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Forwarding forwarding(BackendConfig config) {
    HttpBackend asked = new HttpBackend(config, Clock.systemUTC(), _ -> {}, null);
    open.add(asked);
    return new Forwarding(asked, socket -> (String) socket.handshake().auth().get("name"));
  }

  private void forward(String namespace, String... events) {
    io.forward(forwarding(Routes.to(backend.uri()).of(namespace, events).config()));
    io.of("/chat")
        .onConnection(socket -> {
          for (String event : List.of("message", "other")) {
            socket.on(event, arguments -> handled.add(event + arguments.toJson()));
          }
          connected.add(socket);
        });
  }

  private RawClient client() {
    RawClient client = new RawClient(http.address().getPort(), "session=1");
    open.add(client);
    return client;
  }

  private RawClient connected() {
    RawClient client = client().send("40/chat,{\"name\":\"alice\"}");
    assertThat(client.next()).startsWith("40/chat,{\"sid\":");
    return client;
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(60, TimeUnit.SECONDS), "nothing in 60 s");
  }

  private void deny(String rest) {
    backend.answer(RealBackend.with(200, "{\"allow\":false" + rest + "}"));
  }

  // --- connect

  @Test
  void anAllowedClientHasTheRoomsAndDataOfTheAnswer() throws InterruptedException {
    backend.answer(
        RealBackend.with(
            200, "{\"allow\":true,\"rooms\":[\"vip\"],\"socketData\":{\"level\":3,\"x\":null}}"));
    forward("/chat", "connect");

    connected();

    Socket socket = next(connected);
    assertThat(socket.rooms()).containsExactly("vip");
    assertThat(socket.data()).containsExactly(java.util.Map.entry("level", 3));
    JsonNode asked = backend.asked().getFirst().json();
    assertThat(asked.get("kind").stringValue()).isEqualTo("connect");
    assertThat(asked.get("user").stringValue()).isEqualTo("alice");
    assertThat(asked.get("socketId").stringValue()).isEqualTo(socket.id());
    assertThat(asked.at("/handshake/auth/name").stringValue()).isEqualTo("alice");
    assertThat(asked.at("/handshake/headers/cookie").stringValue()).isEqualTo("session=1");
    assertThat(asked.at("/handshake/query/EIO").stringValue()).isEqualTo("4");
    assertThat(asked.at("/handshake/address").stringValue()).isEqualTo("127.0.0.1");
  }

  @Test
  void aDeniedClientHearsWhy() {
    deny(",\"message\":\"banned\",\"data\":{\"until\":7}");
    forward("/chat", "connect");

    assertThat(client().send("40/chat,").next())
        .isEqualTo("44/chat,{\"message\":\"banned\",\"data\":{\"until\":7}}");
    assertThat(connected).isEmpty();
  }

  @Test
  void withoutABackendNobodyGetsIn() {
    backend.close();
    forward("/chat", "connect");

    assertThat(client().send("40/chat,").next())
        .isEqualTo(
            "44/chat,{\"message\":\"Unavailable\","
                + "\"data\":{\"code\":\"unavailable\",\"message\":\"Unavailable\","
                + "\"retry\":true}}");
  }

  @Test
  void otherNamespacesAreNotAsked() {
    forward("/chat", "connect");

    assertThat(client().send("40").next()).startsWith("40{\"sid\":");
    assertThat(backend.asked()).isEmpty();
  }

  @Test
  void aPatternOpensItsNamespacesToThoseWhoAreAllowed() {
    forward("/room-*", "connect");

    assertThat(client().send("40/room-7,").next()).startsWith("40/room-7,{\"sid\":");
    assertThat(backend.asked().getFirst().json().get("namespace").stringValue())
        .isEqualTo("/room-7");
    deny("");
    assertThat(client().send("40/room-7,").next()).isEqualTo("44/room-7,{\"message\":\"Refused\"}");
    assertThat(client().send("40/hall-7,").next())
        .isEqualTo("44/hall-7,{\"message\":\"Invalid namespace\"}");
  }

  @Test
  void severalRoutesOfANamespaceAskOnceEach() throws InterruptedException {
    RealBackend moderation = RealBackend.answering("{\"allow\":true,\"arguments\":[\"***\"]}");
    open.add(moderation);
    Routes routes = Routes.to(backend.uri());
    io.forward(
        forwarding(
            new BackendConfig(
                List.of(
                    routes.of("/chat", "connect").route(),
                    Routes.to(moderation.uri()).of("/chat", "message").route()))));
    io.of("/chat").onConnection(socket -> socket.on("message", a -> handled.add(a.toJson())));

    connected().send("42/chat,[\"message\",\"damn\"]");

    assertThat(next(handled)).isEqualTo("[\"***\"]");
    assertThat(backend.asked()).hasSize(1);
    assertThat(moderation.asked()).hasSize(1);
  }

  // --- events

  @Test
  void anAllowedEventGoesToItsHandlersAsItCame() throws InterruptedException {
    forward("/chat", "message");

    connected().send("42/chat,[\"message\",\"hi\",{\"n\":1}]");

    assertThat(next(handled)).isEqualTo("message[\"hi\",{\"n\":1}]");
    JsonNode asked = backend.asked().getFirst().json();
    assertThat(asked.get("kind").stringValue()).isEqualTo("event");
    assertThat(asked.get("event").stringValue()).isEqualTo("message");
    assertThat(asked.get("arguments").toString()).isEqualTo("[\"hi\",{\"n\":1}]");
  }

  @Test
  void aRewrittenEventKeepsItsAck() throws InterruptedException {
    backend.answer(
        RealBackend.with(200, "{\"allow\":true,\"arguments\":[\"clean\",{\"_base64\":\"AAEC\"}]}"));
    forward("/chat", "message");
    io.of("/chat")
        .onConnection(socket -> socket.on("message", arguments -> arguments.ack().send(arguments)));

    RawClient client = connected().send("42/chat,7[\"message\",\"dirty\"]");

    assertThat(next(handled)).isEqualTo("message[\"clean\",{\"_placeholder\":true,\"num\":0}]");
    assertThat(client.next()).isEqualTo("461-/chat,7[\"clean\",{\"_placeholder\":true,\"num\":0}]");
    assertThat(client.next()).isEqualTo("[3]");
  }

  @Test
  void bytesReachTheBackend() throws InterruptedException {
    forward("/chat", "*");

    connected()
        .send("451-/chat,[\"message\",{\"_placeholder\":true,\"num\":0}]")
        .send(new byte[] {0, 1, 2});

    assertThat(next(handled)).startsWith("message");
    assertThat(backend.asked().getFirst().json().get("arguments").toString())
        .isEqualTo("[{\"_base64\":\"AAEC\"}]");
  }

  @Test
  void aBackendMayAnswerTheClient() {
    backend.answer(RealBackend.with(200, "{\"allow\":true,\"reply\":[\"done\",7]}"));
    forward("/chat", "*");

    assertThat(connected().send("42/chat,1[\"nobody-handles-this\"]").next())
        .isEqualTo("43/chat,1[\"done\",7]");
  }

  @Test
  void aDeniedEventGoesNowhereAndItsSenderHearsWhy() throws InterruptedException {
    deny(",\"message\":\"too loud\",\"data\":[1]");
    forward("/chat", "message");

    RawClient client = connected().send("42/chat,1[\"message\",\"A\"]");

    assertThat(client.next())
        .isEqualTo(
            "43/chat,1[{\"error\":{\"code\":\"denied\",\"message\":\"too loud\","
                + "\"retry\":false,\"data\":[1]}}]");
    client.send("42/chat,[\"message\",\"B\"]").send("42/chat,[\"other\",\"C\"]");
    assertThat(next(handled)).as("the first that is not forwarded").isEqualTo("other[\"C\"]");
    assertThat(backend.asked()).hasSize(2);
  }

  @Test
  void anEventNobodyCouldJudgeMayBeSentAgain() {
    backend.close();
    forward("/chat", "message");

    assertThat(connected().send("42/chat,1[\"message\",\"A\"]").next())
        .isEqualTo(
            "43/chat,1[{\"error\":{\"code\":\"unavailable\",\"message\":\"Unavailable\","
                + "\"retry\":true}}]");
  }

  @Test
  void theEventsOfASocketStayInOrderWhileTheBackendThinks() throws InterruptedException {
    CountDownLatch thought = new CountDownLatch(1);
    backend.answer((exchange, asked) -> {
      if (asked.text().contains("first")) {
        try {
          thought.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      RealBackend.send(exchange, 200, YES.getBytes(StandardCharsets.UTF_8));
    });
    forward("/chat", "message");

    connected()
        .send("42/chat,[\"message\",\"first\"]")
        .send("42/chat,[\"other\",\"second\"]")
        .send("42/chat,[\"message\",\"third\"]");
    connected().send("42/chat,[\"other\",\"of somebody else\"]");

    assertThat(next(handled)).isEqualTo("other[\"of somebody else\"]");
    thought.countDown();
    assertThat(next(handled)).isEqualTo("message[\"first\"]");
    assertThat(next(handled)).isEqualTo("other[\"second\"]");
    assertThat(next(handled)).isEqualTo("message[\"third\"]");
  }

  @Test
  void anEventLoopNeverWaitsForABackend() throws InterruptedException {
    forward("/chat", "message");
    BlockingQueue<Exception> errors = new LinkedBlockingQueue<>();
    io.of("/chat")
        .handleOn(HandlerThreads.EVENT_LOOP)
        .onConnection(socket -> socket.onError(errors::add));

    connected().send("42/chat,[\"message\",\"x\"]");

    assertThat(next(errors))
        .hasMessage(
            "/chat: handlers run on event loops (expected: on virtual threads, as message waits"
                + " for a backend)");
    assertThat(backend.asked()).isEmpty();
    assertThat(handled).isEmpty();
  }

  // --- disconnect

  @Test
  void aDisconnectIsTold() throws InterruptedException {
    BlockingQueue<JsonNode> told = new LinkedBlockingQueue<>();
    backend.answer((exchange, asked) -> {
      told.add(asked.json());
      RealBackend.send(exchange, 204, new byte[0]);
    });
    forward("/chat", "disconnect");

    RawClient client = connected();
    String id = next(connected).id();
    client.send("41/chat,");

    JsonNode notice = next(told);
    assertThat(notice.get("kind").stringValue()).isEqualTo("disconnect");
    assertThat(notice.get("socketId").stringValue()).isEqualTo(id);
    assertThat(notice.get("user").stringValue()).isEqualTo("alice");
    assertThat(notice.get("reason").stringValue()).isEqualTo("client namespace disconnect");
  }

  // --- namespaces that a program has too

  @Test
  void aRouteHoldsForWhatAProgramsPatternMakesAndIsAskedFirst() throws InterruptedException {
    io.of(Pattern.compile("/ch.*"))
        .use(socket -> handled.add("middleware of " + socket.data().get("name")))
        .onConnection(socket -> socket.on("message", a -> handled.add(a.toJson())));
    backend.answer((exchange, asked) -> {
      boolean connects = asked.json().get("kind").stringValue().equals("connect");
      String more = connects ? "\"socketData\":{\"name\":\"alice\"}" : "\"arguments\":[\"***\"]";
      RealBackend.send(
          exchange, 200, ("{\"allow\":true," + more + "}").getBytes(StandardCharsets.UTF_8));
    });
    io.forward(forwarding(Routes.to(backend.uri()).of("/c*", "connect", "message").config()));

    connected().send("42/chat,[\"message\",\"damn\"]");

    assertThat(next(handled)).isEqualTo("middleware of alice");
    assertThat(next(handled)).isEqualTo("[\"***\"]");
    deny("");
    assertThat(client().send("40/chat,").next()).isEqualTo("44/chat,{\"message\":\"Refused\"}");
    assertThat(handled).as("who is refused does not get to the program").isEmpty();
  }

  @Test
  void aNamespaceThatAProgramNamesDoesNotEscapeTheRouteOfAPattern() {
    deny("");
    io.of("/room-1");
    forward("/room-*", "connect");
    io.of("/room-2");

    for (String name : List.of("/room-1", "/room-2", "/room-3")) {
      assertThat(client().send("40" + name + ",").next())
          .isEqualTo("44" + name + ",{\"message\":\"Refused\"}");
    }
  }

  @Test
  void twoRoutesThatCoverANamespaceAskOnce() throws InterruptedException {
    Routes routes = Routes.to(backend.uri());
    io.forward(
        forwarding(
            new BackendConfig(
                List.of(
                    routes.of("/ch*", "connect", "message").route(),
                    routes.of("/chat", "connect", "message").route()))));
    forward("/other", "connect");

    connected().send("42/chat,[\"message\"]");

    assertThat(next(handled)).isEqualTo("message[]");
    assertThat(backend.asked()).hasSize(2);
  }
}
