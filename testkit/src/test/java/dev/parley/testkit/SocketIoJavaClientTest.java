package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.server.ParleyServer;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.SocketIo;
import dev.parley.testkit.SocketIoJavaClient.Transport;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.engine.CloseReason;
import dev.parley.wire.socketio.engine.EngineStats;
import io.socket.client.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The stock Java client against a whole server, over each transport. */
class SocketIoJavaClientTest {
  private final List<SocketIoJavaClient> clients = new ArrayList<>();
  private final BlockingQueue<String> gone = new LinkedBlockingQueue<>();
  private ParleyServer server;

  @BeforeEach
  void start() throws Exception {
    server = server(0);
  }

  @AfterEach
  void stop() {
    clients.forEach(SocketIoJavaClient::close);
    server.close();
  }

  private ParleyServer server(int port) throws Exception {
    return ParleyServer.builder().port(port).inMemory().socketIo(this::setUp).start();
  }

  private void setUp(SocketIo io) {
    io.main()
        .onConnection(socket ->
            socket
                .on("message", args -> socket.emit("message-back", args))
                .on("message-with-ack", args -> args.ack().send(args))
                .on(
                    "join",
                    String.class,
                    (room, ack) -> {
                      socket.join(room);
                      ack.send();
                    })
                .on("publish", args -> io.main().to("room").emit("message", args))
                .on(
                    "ask",
                    args -> {
                      var _ =
                          socket
                              .with()
                              .timeout(Duration.ofMillis(200))
                              .emitWithAck("question", args)
                              .whenComplete((answer, late) ->
                                  args.ack().send(late == null ? answer : "timed out"));
                    })
                .on("ignore", _ -> {})
                .on("go", Boolean.class, socket::disconnect)
                .onDisconnect(gone::add));
    io.of("/chat")
        .use(socket -> {
          if (!"open sesame".equals(socket.handshake().auth().get("word"))) {
            throw new ConnectRefusedException("not you", Map.of("code", 7));
          }
        })
        .onConnection(socket -> socket.on("whoami", args -> args.ack().send(socket.id())));
  }

  private SocketIoJavaClient client(Transport transport) throws Exception {
    SocketIoJavaClient client = new SocketIoJavaClient(server.uri(), transport);
    clients.add(client);
    client.connect("/", Map.of());
    return client;
  }

  private EngineStats stats() {
    return ((SocketIoServer) server.io()).stats();
  }

  private boolean isWhereItEndsUp(Transport transport) {
    return switch (transport) {
      case POLLING -> stats().webSocket() == 0;
      case WEBSOCKET, UPGRADE -> stats().webSocket() == 1;
    };
  }

  @ParameterizedTest
  @EnumSource
  void aClientConnectsUpgradesWhereItMayAndGoes(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    await().until(() -> isWhereItEndsUp(transport));
    assertThat(stats().upgraded()).isEqualTo(transport == Transport.UPGRADE ? 1 : 0);
    assertThat(server.io().main().sockets())
        .extracting(dev.parley.socketio.Socket::id)
        .containsExactly(client.id());
    client.close();
    assertThat(gone.poll(10, TimeUnit.SECONDS)).isEqualTo("client namespace disconnect");
    await().until(() -> stats().open() == 0);
  }

  @ParameterizedTest
  @EnumSource
  void valuesComeBackAsTheyWere(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    JSONObject nested = new JSONObject("{\"a\":[1,null,{\"b\":[]}],\"\":{}}");
    client.emit("message", "Grüße, 世界 🦜", -1.5, true, JSONObject.NULL, nested, "");
    Object[] back = client.next("message-back");
    // Behind them comes where recovery would go on, as from the official server.
    assertThat(new JSONArray(Arrays.asList(back).subList(0, 6)).toString())
        .isEqualTo("[\"Grüße, 世界 🦜\",-1.5,true,null," + nested + ",\"\"]");
  }

  @ParameterizedTest
  @EnumSource
  void bytesComeBackAsBytesAloneAndNested(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    byte[] large = new byte[100_000];
    IntStream.range(0, large.length).forEach(i -> large[i] = (byte) (i * 7));
    client.emit(
        "message", new byte[] {1, 2}, new JSONObject().put("deep", new JSONArray().put(large)));
    Object[] back = client.next("message-back");
    assertThat((byte[]) back[0]).containsExactly(1, 2);
    assertThat((byte[]) ((JSONObject) back[1]).getJSONArray("deep").get(0)).isEqualTo(large);
  }

  @ParameterizedTest
  @EnumSource
  void acknowledgementsGoBothWays(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    Object[] answer = client.request("message-with-ack", "a", new byte[] {1});
    assertThat(answer[0]).isEqualTo("a");
    assertThat((byte[]) answer[1]).containsExactly(1);
    client.answer("question", payload -> new Object[] {"heard", payload});
    assertThat(client.request("ask", "what?")).containsExactly("heard", "what?");
  }

  @ParameterizedTest
  @EnumSource
  void neitherSideWaitsForAnAnswerForEver(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    assertThat(client.request("ask", "anyone?")).containsExactly("timed out");
    assertThat(client.timesOut(Duration.ofMillis(200), "ignore")).isTrue();
    assertThat(client.timesOut(Duration.ofSeconds(10), "message-with-ack")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void aRoomHearsWhatIsPublishedToItAndNobodyElseDoes(Transport transport) throws Exception {
    SocketIoJavaClient inside = client(transport);
    SocketIoJavaClient outside = client(transport);
    inside.request("join", "room");
    outside.emit("publish", "hello");
    assertThat(inside.next("message")[0]).isEqualTo("hello");
    outside.emit("message", "the first it hears");
    assertThat(outside.nextOfAll()[0]).isEqualTo("the first it hears");
  }

  @ParameterizedTest
  @EnumSource
  void namespacesShareAConnectionAndMiddlewareDecides(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    Socket chat = client.connect("/chat", Map.of("word", "open sesame"));
    assertThat(SocketIoJavaClient.request(chat, "whoami")).containsExactly(chat.id());
    assertThat(client.connections()).isOne();
    JSONObject refused = client(transport).refusal("/chat", Map.of("word", "please"));
    assertThat(refused.getString("message")).isEqualTo("not you");
    assertThat(refused.getJSONObject("data").getInt("code")).isEqualTo(7);
    assertThat(client(transport).refusal("/nowhere", Map.of()).getString("message"))
        .isEqualTo("Invalid namespace");
  }

  @ParameterizedTest
  @EnumSource
  void aClientHearsThatTheServerSendsItAway(Transport transport) throws Exception {
    assertSentAway(transport, false);
  }

  @ParameterizedTest
  @EnumSource
  void aClientHearsThatTheServerClosesItsConnection(Transport transport) throws Exception {
    assertSentAway(transport, true);
  }

  private void assertSentAway(Transport transport, boolean closesTheConnection) throws Exception {
    SocketIoJavaClient client = client(transport);
    await().until(() -> isWhereItEndsUp(transport));
    CompletableFuture<Object[]> away = client.expect(Socket.EVENT_DISCONNECT);
    client.emit("go", closesTheConnection);
    assertThat(SocketIoJavaClient.soon(away)[0]).isEqualTo("io server disconnect");
    assertThat(gone.poll(10, TimeUnit.SECONDS)).isEqualTo("server namespace disconnect");
  }

  @ParameterizedTest
  @EnumSource
  void messagesComeBackOnceAndInOrderFromTheFirstToPastAnUpgrade(Transport transport)
      throws Exception {
    SocketIoJavaClient client = client(transport);
    int said = 0;
    int left = 50;
    while (left > 0) {
      client.emit("message", said++);
      client.request("message-with-ack");
      if (isWhereItEndsUp(transport)) {
        left--;
      }
    }
    List<Object> heard = new ArrayList<>();
    for (int i = 0; i < said; i++) {
      heard.add(client.next("message-back")[0]);
    }
    assertThat(heard).isEqualTo(IntStream.range(0, said).boxed().toList());
    assertThat(client.pending("message-back")).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aClientComesBackToAServerThatWasAwayAndSaysWhatItKept(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    await().until(() -> isWhereItEndsUp(transport));
    CompletableFuture<Object[]> away = client.expect(Socket.EVENT_DISCONNECT);
    CompletableFuture<Object[]> back = client.expect(Socket.EVENT_CONNECT);
    int port = server.port();
    server.drain();
    assertThat((String) SocketIoJavaClient.soon(away)[0]).startsWith("transport ");
    assertThat(gone.poll(10, TimeUnit.SECONDS)).isEqualTo("server shutting down");
    for (int i = 0; i < 10; i++) {
      client.emit("message", i);
    }
    server = server(port);
    SocketIoJavaClient.soon(back);
    for (int i = 0; i < 10; i++) {
      assertThat(client.next("message-back")[0]).isEqualTo(i);
    }
  }

  /** This client knows no recovery: its CONNECT has neither {@code pid} nor {@code offset}. */
  @ParameterizedTest
  @EnumSource
  void aClientThatWasCutOffComesBackAtOnceAsAnother(Transport transport) throws Exception {
    SocketIoJavaClient client = client(transport);
    await().until(() -> isWhereItEndsUp(transport));
    String id = client.id();
    CompletableFuture<Object[]> away = client.expect(Socket.EVENT_DISCONNECT);
    CompletableFuture<Object[]> back = client.expect(Socket.EVENT_CONNECT);
    SocketIoServer.session(server.io().main().sockets().iterator().next())
        .close(CloseReason.TRANSPORT_ERROR);
    SocketIoJavaClient.soon(away);
    SocketIoJavaClient.soon(back);
    assertThat(client.id()).isNotEqualTo(id);
    await().until(() -> server.io().main().sockets().size() == 1);
    assertThat(server.io().main().sockets())
        .allSatisfy(socket -> assertThat(socket.recovered()).isFalse());
  }
}
