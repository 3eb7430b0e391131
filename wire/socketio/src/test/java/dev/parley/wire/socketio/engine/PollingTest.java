package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.codec.Encoded;
import dev.parley.wire.socketio.codec.Slice;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PollingTest {
  private final TestConfig config = new TestConfig();
  private EchoServer server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = new EchoServer(config.build());
    client = new Client(server, 4);
  }

  /** With another configuration, or another listener. */
  private void restart(@Nullable SessionOpener opener) throws Exception {
    stop();
    server = new EchoServer(config.build(), opener, 2);
    client = new Client(server, 4);
    client = new Client(server, 4);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private static void on(Session session, Runnable action) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    session.execute(() -> {
      action.run();
      done.complete(null);
    });
    done.get();
  }

  private static Outgoing text(String text) {
    return Outgoing.text(Slice.utf8(text));
  }

  @Test
  void messagesOfOnePassLeaveInOneAnswer() throws Exception {
    String sid = client.open();
    Session session = server.session();
    var poll = client.pollLater(sid);
    server.awaitRequests(2);
    on(
        session,
        () -> {
          session.send(text("one"));
          session.send(Outgoing.binary(Slice.of(new byte[] {1, 2, 3, 4})));
          session.send(text("two"));
        });
    assertThat(poll.get().body()).isEqualTo("4one\u001ebAQIDBA==\u001e4two");
  }

  @Test
  void anAnswerIsCutAtAMegabyte() throws Exception {
    String sid = client.open();
    Session session = server.session();
    String large = "x".repeat(400_000);
    on(
        session,
        () -> {
          for (int i = 0; i < 5; i++) {
            session.send(text(i + large));
          }
        });
    assertThat(client.poll(sid).body()).startsWith("40x").hasSize(2 * 400_002 + 1);
    assertThat(client.poll(sid).body()).startsWith("42x").hasSize(2 * 400_002 + 1);
    assertThat(client.poll(sid).body()).startsWith("44x").hasSize(400_002);
  }

  @Test
  void whoDoesNotPollIsNotWritableThenClosed() throws Exception {
    config.writeBufferBytes = 10_000;
    config.maxQueuedBytes = 20_000;
    restart(null);
    String sid = client.open();
    Session session = server.session();
    on(
        session,
        () -> {
          assertThat(session.isWritable()).isTrue();
          session.send(text("x".repeat(9_000)));
          assertThat(session.isWritable()).isTrue();
          session.send(text("x".repeat(9_000)));
          assertThat(session.isWritable()).isFalse();
          assertThat(session.queuedBytes()).isBetween(18_000, 19_000);
        });
    assertThat(client.poll(sid).body()).hasSize(2 * 9_001 + 1);
    assertThat(server.writable.poll()).isEqualTo(session);
    on(
        session,
        () -> {
          for (int i = 0; i < 10; i++) {
            session.send(text("x".repeat(9_000)));
          }
          assertThat(session.queuedBytes()).isLessThan(20_000 + 9_100);
          assertThat(session.isOpen()).isTrue();
        });
    assertThat(server.reason()).isEqualTo("queue overflow");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void aPausedSessionHoldsBackItsOk() throws Exception {
    String sid = client.open();
    Session session = server.session();
    on(session, session::pauseReading);
    var post = client.sendLater("POST", client.polling(sid), "4first");
    assertThat(client.poll(sid).body()).isEqualTo("4first");
    assertThat(post).isNotDone();
    on(session, session::resumeReading);
    assertThat(post.get().body()).isEqualTo("ok");
  }

  @Test
  void aSecondPostBesideOneThatWaitsEndsTheSession() throws Exception {
    String sid = client.open();
    Session session = server.session();
    on(session, session::pauseReading);
    var post = client.sendLater("POST", client.polling(sid), "4first");
    assertThat(client.poll(sid).body()).isEqualTo("4first");
    assertThat(client.post(sid, "4second").statusCode()).isEqualTo(400);
    assertThat(post.get().statusCode()).isEqualTo(200);
    assertThat(server.reason()).isEqualTo("transport error");
  }

  @Test
  void whatWasSentBeforeACloseArrivesBeforeItInAnAnswerOfItsOwn() throws Exception {
    String sid = client.open();
    Session session = server.session();
    on(
        session,
        () -> {
          session.send(text("last"));
          session.close(CloseReason.FORCED_SERVER_CLOSE);
          session.send(text("too late"));
        });
    assertThat(server.reason()).isEqualTo("forced server close");
    assertThat(client.post(sid, "4ignored").body()).isEqualTo("ok");
    assertThat(client.poll(sid).body()).isEqualTo("4last");
    assertThat(client.poll(sid).body()).isEqualTo("1");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void aPollThatWaitsIsToldOfTheClose() throws Exception {
    String sid = client.open();
    Session session = server.session();
    var poll = client.pollLater(sid);
    server.awaitRequests(2);
    on(session, () -> session.close(CloseReason.FORCED_CLOSE));
    assertThat(poll.get().body()).isEqualTo("1");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void aClientThatClosesIsToldByThePollThatWasOnTheWay() throws Exception {
    String sid = client.open();
    assertThat(client.post(sid, "4a\u001e1").body()).isEqualTo("ok");
    assertThat(server.reason()).isEqualTo("transport close");
    assertThat(server.engine.sessions()).isZero();
    assertThat(client.poll(sid).body()).isEqualTo("6");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void aPollThatWaitsWhenTheSessionIsUpgradedIsRefused() throws Exception {
    String sid = client.open();
    Client.Frames socket = client.connect(client.webSocket(sid));
    var poll = client.pollLater(sid);
    server.awaitRequests(3);
    assertThat(socket.send("5").send("4a").next()).isEqualTo("4a");
    assertThat(poll.get().statusCode()).isEqualTo(400);
  }

  @Test
  void drainingTellsEverybody() throws Exception {
    String sid = client.open();
    Client.Frames socket = client.connect(client.handshake("websocket"));
    socket.next();
    CompletableFuture<Void> drained = server.engine.drain();
    assertThat(socket.next()).isEqualTo("close 1001");
    assertThat(server.reason()).isEqualTo("server shutting down");
    assertThat(server.reason()).isEqualTo("server shutting down");
    assertThat(drained).isNotDone();
    HttpResponse<String> refused = client.get(client.handshake("polling"));
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    assertThat(client.poll(sid).body()).isEqualTo("1");
    drained.get();
    assertThat(server.engine.sessions()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"gzip, gzip", "'br, gzip;q=0.5', gzip", "deflate, deflate", "'gzip;q=0, br', none"})
  void longAnswersAreCompressedForWhoAcceptsIt(String accepted, String coding) throws Exception {
    String sid = client.open();
    Session session = server.session();
    String large = "abcd".repeat(1000);
    on(session, () -> session.send(text(large)));
    HttpResponse<byte[]> answer = client.getBytes(client.polling(sid), "accept-encoding", accepted);
    assertThat(answer.headers().firstValue("content-encoding").orElse("none")).isEqualTo(coding);
    assertThat(inflate(answer.body(), coding)).isEqualTo("4" + large);
    assertThat(answer.body().length < large.length()).isEqualTo(!coding.equals("none"));
  }

  private static String inflate(byte[] body, String coding) throws Exception {
    InputStream raw = new ByteArrayInputStream(body);
    try (InputStream in =
        switch (coding) {
          case "gzip" -> new GZIPInputStream(raw);
          case "deflate" -> new InflaterInputStream(raw);
          default -> raw;
        }) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void shortAnswersAndThoseNotToBeCompressedGoAsTheyAre() throws Exception {
    String sid = client.open();
    Session session = server.session();
    for (String message : List.of("4short", "4" + "x".repeat(5000))) {
      on(
          session,
          () -> session.send(Outgoing.of(new Encoded(Slice.utf8(message), List.of()), false)));
      HttpResponse<byte[]> answer = client.getBytes(client.polling(sid), "accept-encoding", "gzip");
      assertThat(answer.headers().firstValue("content-encoding")).isEmpty();
      assertThat(answer.body()).asString().isEqualTo(message);
    }
  }

  @Test
  void aHandshakeSetsTheCookie() throws Exception {
    config.cookie = SessionCookie.named("io");
    restart(null);
    HttpResponse<String> open = client.get(client.handshake("polling"));
    String sid = Client.sid(open.body());
    assertThat(open.headers().allValues("set-cookie"))
        .containsExactly("io=" + sid + "; Path=/; HttpOnly; SameSite=Lax");
    client.post(sid, "4a");
    assertThat(client.poll(sid).headers().firstValue("set-cookie")).isEmpty();
  }

  @Test
  void theRequestThatOpenedASessionIsKept() throws Exception {
    HttpResponse<String> open =
        client.send(
            "GET",
            client.handshake("polling") + "&token=a%20b&list=1&list=2",
            "",
            "X-Custom",
            "first",
            "X-Custom",
            "second",
            "cookie",
            "a=b");
    Session session = server.session();
    assertThat(session.id()).isEqualTo(Client.sid(open.body()));
    Handshaken handshake = session.handshake();
    assertThat(handshake.target()).startsWith("/engine.io/?EIO=4&transport=polling&token=");
    assertThat(handshake.query("token")).isEqualTo("a b");
    assertThat(handshake.query("none")).isNull();
    assertThat(handshake.query()).containsEntry("list", List.of("1", "2"));
    assertThat(handshake.header("x-custom")).isEqualTo("first, second");
    assertThat(handshake.headers())
        .containsEntry("cookie", "a=b")
        .containsKey("host")
        .doesNotContainKey("connection");
    assertThat(handshake.remote().getAddress().isLoopbackAddress()).isTrue();
    assertThat(handshake.secure()).isFalse();
    assertThat(session.transport()).isEqualTo("polling");
  }

  @Test
  void aListenerMayRefuse() throws Exception {
    restart(_ -> {
      throw new SessionRefused("not \"today\"");
    });
    HttpResponse<String> answer = client.get(client.handshake("polling"));
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).isEqualTo("{\"code\":4,\"message\":\"not \\\"today\\\"\"}");
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(client.connect(client.handshake("websocket")).status).isEqualTo(403);
    assertThat(server.engine.sessions()).isZero();
    assertThat(server.engine.stats().refused()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTransportMayBeSwitchedOff(boolean polling) throws Exception {
    config.polling = polling;
    config.webSocket = !polling;
    restart(null);
    HttpResponse<String> answer = client.get(client.handshake("polling"));
    assertThat(answer.statusCode()).isEqualTo(polling ? 200 : 400);
    assertThat(client.connect(client.handshake("websocket")).status).isEqualTo(polling ? 400 : 101);
    if (polling) {
      assertThat(Client.data(answer.body()).path("upgrades")).isEmpty();
    }
  }

  @Test
  void listenersThatFailCloseTheirSession() throws Exception {
    restart(session ->
        server.new Echo(session) {
          @Override
          public void onText(Slice utf8) {
            throw new IllegalStateException("on purpose");
          }
        });
    assertThat(client.post(client.open(), "4a").statusCode()).isEqualTo(400);
    assertThat(server.reason()).isEqualTo("internal error");
    Client.Frames socket = client.connect(client.handshake("websocket"));
    socket.next();
    assertThat(socket.send("4a").next()).isEqualTo("close 1011");
    assertThat(server.reason()).isEqualTo("internal error");
  }
}
