package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.codec.Slice;
import io.netty.channel.EventLoop;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that closes a session while its client goes over from polling to WebSocket: the client
 * gets what was sent before, once, by the way it really reads.
 */
final class CloseDuringUpgradeTest {
  private static final long SEED = System.nanoTime();
  private static final int ROUNDS = 60;
  private static final int STAGES = 7;
  private static final String SEPARATOR = "\u001e";

  private EchoServer server;
  private Client client;
  private Client sockets; // whose connections are others, on other loops

  @BeforeEach
  void start() throws Exception {
    start(null, 2);
  }

  private void start(@Nullable SessionOpener opener, int loops) throws Exception {
    server = new EchoServer(new TestConfig().build(), opener, loops);
    client = new Client(server, 4);
    sockets = new Client(server, 4);
  }

  private void restart(@Nullable SessionOpener opener, int loops) throws Exception {
    stop();
    start(opener, loops);
  }

  @AfterEach
  void stop() {
    client.close();
    sockets.close();
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

  private Client.Frames probed(String sid) throws Exception {
    Client.Frames socket = sockets.connect(client.webSocket(sid));
    assertThat(socket.send("2probe").next()).isEqualTo("3probe");
    return socket;
  }

  private void closeWithLast(Session session) throws Exception {
    on(
        session,
        () -> {
          session.send(text("last"));
          session.close(CloseReason.FORCED_SERVER_CLOSE);
        });
    assertThat(server.reason()).isEqualTo("forced server close");
  }

  private void assertForgotten(String sid) {
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
    assertThat(server.engine.session(sid)).isNull();
    assertThat(server.engine.sessions()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aClientThatComesOverGetsTheRestOverWebSocket(int loops) throws Exception {
    restart(null, loops);
    String sid = client.open();
    Client.Frames socket = probed(sid);
    closeWithLast(server.session());
    assertThat(socket.send("5").next()).isEqualTo("4last");
    assertThat(socket.next()).isEqualTo("close 1000");
    assertForgotten(sid);
    assertThat(server.engine.stats().upgraded()).isZero();
  }

  @Test
  void aPollThatComesInsteadGetsTheRest() throws Exception {
    String sid = client.open();
    Client.Frames socket = probed(sid);
    closeWithLast(server.session());
    assertThat(client.poll(sid).body()).isEqualTo("4last");
    assertThat(client.poll(sid).body()).isEqualTo("1");
    assertThat(socket.next()).isEqualTo("close 1008");
    assertForgotten(sid);
  }

  @Test
  void whatAPollHasTakenDoesNotComeAgainOverWebSocket() throws Exception {
    String sid = client.open();
    Client.Frames socket = probed(sid);
    closeWithLast(server.session());
    assertThat(client.poll(sid).body()).isEqualTo("4last");
    assertThat(socket.send("5").next()).isEqualTo("close 1000");
    assertForgotten(sid);
  }

  @Test
  void aPollThatWaitsGetsTheRestAndTheProbeGoesOn() throws Exception {
    String sid = client.open();
    Client.Frames socket = sockets.connect(client.webSocket(sid));
    var poll = client.pollLater(sid);
    server.awaitRequests(3);
    closeWithLast(server.session());
    assertThat(poll.get().body()).isEqualTo("4last");
    assertThat(socket.send("2probe").next()).isEqualTo("3probe");
    assertThat(socket.send("5").next()).isEqualTo("close 1000");
    assertForgotten(sid);
  }

  @Test
  void aProbeThatBeginsAfterTheCloseIsRefused() throws Exception {
    String sid = client.open();
    closeWithLast(server.session());
    assertThat(sockets.connect(client.webSocket(sid)).next()).isEqualTo("close 1008");
    assertThat(client.poll(sid).body()).isEqualTo("4last");
    assertThat(client.poll(sid).body()).isEqualTo("1");
    assertForgotten(sid);
  }

  @Test
  void aProbeThatFailsAfterTheCloseLeavesTheRestToPolls() throws Exception {
    String sid = client.open();
    Client.Frames socket = probed(sid);
    closeWithLast(server.session());
    assertThat(socket.send("4wrong").next()).isEqualTo("close 1008");
    assertThat(client.poll(sid).body()).isEqualTo("4last");
    assertThat(client.poll(sid).body()).isEqualTo("1");
    assertForgotten(sid);
  }

  @Test
  void drainingWaitsNoLongerThanTheUpgrade() throws Exception {
    String sid = client.open();
    Client.Frames socket = probed(sid);
    Session session = server.session();
    on(session, () -> session.send(text("last")));
    CompletableFuture<Void> drained = server.engine.drain();
    assertThat(server.reason()).isEqualTo("server shutting down");
    assertThat(drained).isNotDone();
    assertThat(socket.send("5").next()).isEqualTo("4last");
    assertThat(socket.next()).isEqualTo("close 1001");
    assertForgotten(sid);
    drained.get(1, TimeUnit.SECONDS);
  }

  @Test
  void aClientThatComesNeitherWayIsGivenUp() throws Exception {
    String sid = client.open();
    Client.Frames socket = probed(sid);
    Session session = server.session();
    closeWithLast(session);
    on(session, () -> session.home().tick(System.nanoTime() + TimeUnit.SECONDS.toNanos(4)));
    assertThat(server.engine.session(sid)).isSameAs(session);
    on(session, () -> session.home().tick(System.nanoTime() + TimeUnit.SECONDS.toNanos(6)));
    assertThat(socket.next()).isEqualTo("close 1008");
    assertForgotten(sid);
    assertThat(session.queuedBytes()).isZero();
  }

  /** A close by another thread that comes to the old loop when the session has begun to move. */
  @Test
  void aCloseDuringTheMoveComesBehindWhatWasSentBefore() throws Exception {
    AtomicInteger moves = new AtomicInteger();
    SessionOpener opener =
        session ->
            server.new Echo(session) {
              @Override
              public void onText(Slice utf8) { // of those who do not move
                session.send(text("last"));
                session.close(CloseReason.FORCED_SERVER_CLOSE);
              }

              @Override
              public void onMove(EventLoop to, Runnable move) {
                moves.incrementAndGet();
                CompletableFuture.runAsync(
                        () -> {
                          session.execute(() -> session.send(text("last")));
                          session.close(CloseReason.FORCED_SERVER_CLOSE);
                        },
                        Thread::startVirtualThread)
                    .join();
                move.run();
              }
            };
    restart(opener, 4);
    for (int i = 0; i < 8; i++) {
      String sid = client.open();
      Client.Frames socket = probed(sid);
      assertThat(socket.send("5").sendUnlessClosed("4go").next()).isEqualTo("4last");
      assertThat(socket.next()).isEqualTo("close 1000");
      assertThat(server.reason()).isEqualTo("forced server close");
      assertForgotten(sid);
    }
    assertThat(moves).hasPositiveValue();
  }

  /** Closes at any moment of an upgrade, of a client that does as the stock ones do. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void nothingIsLostOrDoubledWheneverTheServerCloses(int loops) throws Exception {
    System.getLogger("test").log(System.Logger.Level.INFO, "seed " + SEED);
    Random random = new Random(SEED);
    restart(null, loops);
    for (int round = 0; round < ROUNDS; round++) {
      String sid = client.open();
      Session session = server.session();
      int messages = 1 + random.nextInt(5);
      Upgrade upgrade = new Upgrade(sid, session, round % STAGES, messages);
      assertThat(upgrade.run())
          .as("closed at stage %s", round % STAGES)
          .containsExactlyElementsOf(IntStream.range(0, messages).mapToObj(i -> "4m" + i).toList());
      assertThat(server.reason()).isEqualTo("forced server close");
      assertForgotten(sid);
    }
  }

  /** One such client, which reads on until it hears of the end. Its thread is the caller's. */
  private final class Upgrade {
    private final String sid;
    private final Session session;
    private final int closesAt;
    private final int messages;
    private final List<String> received = new ArrayList<>(); // the polls', then the caller's
    private volatile boolean paused;
    private boolean ended; // as received
    private @Nullable CompletableFuture<Void> closing;
    private int stage;

    Upgrade(String sid, Session session, int closesAt, int messages) {
      this.sid = sid;
      this.session = session;
      this.closesAt = closesAt;
      this.messages = messages;
    }

    /** Another thread sends and closes from here on, beside what follows. */
    private void reach() {
      if (stage++ == closesAt) {
        closing =
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < messages; i++) {
                    Outgoing message = text("m" + i);
                    session.execute(() -> session.send(message));
                  }
                  session.close(CloseReason.FORCED_SERVER_CLOSE);
                },
                Thread::startVirtualThread);
      }
    }

    List<String> run() throws Exception {
      reach();
      CompletableFuture<Void> polls =
          CompletableFuture.runAsync(this::poll, Thread::startVirtualThread);
      reach();
      Client.Frames socket = sockets.connect(client.webSocket(sid));
      reach();
      boolean probed = socket.status == 101 && probe(socket);
      paused = probed;
      reach();
      polls.join();
      reach();
      if (probed && !ended) {
        socket.send("5");
        reach();
        for (String next = socket.next(); !next.startsWith("close"); next = socket.next()) {
          received.add(next);
        }
      }
      Objects.requireNonNull(closing).join();
      return received;
    }

    private boolean probe(Client.Frames socket) throws InterruptedException {
      try {
        socket.send("2probe");
      } catch (CompletionException closed) {
        return false;
      }
      reach();
      return socket.next().equals("3probe");
    }

    private void poll() {
      do {
        HttpResponse<String> answer = client.poll(sid);
        if (answer.statusCode() != 200) {
          throw new AssertionError("poll: " + answer.statusCode() + " " + answer.body());
        }
        for (String packet : answer.body().split(SEPARATOR, -1)) {
          if (packet.equals("1")) {
            ended = true;
          } else if (!packet.equals("6")) {
            received.add(packet);
          }
        }
      } while (!paused && !ended);
    }
  }
}
