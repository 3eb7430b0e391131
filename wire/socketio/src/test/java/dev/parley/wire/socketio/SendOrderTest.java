package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.socketio.Socket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One socket gets everything in the order in which it was sent, also while it is slow. */
@Timeout(120)
final class SendOrderTest {
  private static final String LOAD = "x".repeat(16 << 10);
  private static final int EVENTS = 1_200; // 19 MB: more than any buffer on the way takes
  private static final int ANSWER_EVERY = 100;

  private final Trial.Settings settings = new Trial.Settings();
  private final List<AutoCloseable> open = new ArrayList<>();

  private Trial start(boolean recovers) {
    settings.window = recovers ? Duration.ofMinutes(2) : Duration.ZERO;
    settings.maxWaitingBytes = 64 << 20;
    Trial trial = new Trial(settings);
    open.add(trial);
    return trial;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  /** The packets of a client that asks often, and reads once all has been sent. */
  private List<String> slowly(Trial trial, Consumer<Socket> last) throws IOException {
    trial
        .io
        .main()
        .onConnection(socket ->
            socket.on(
                "ask",
                ask -> {
                  int first = ask.require(0, Integer.class);
                  for (int i = 0; i < ANSWER_EVERY; i++) {
                    if (i % 2 == 0) {
                      socket.emit("e", first + i, LOAD);
                    } else {
                      trial.io.main().emit("e", first + i, LOAD);
                    }
                  }
                  ask.ack().send(first + ANSWER_EVERY);
                  if (first + ANSWER_EVERY == EVENTS) {
                    var _ = socket.with().timeout(Duration.ofMinutes(2)).emitWithAck("question");
                    last.accept(socket);
                  }
                }));
    SlowSocket client = new SlowSocket(trial.port());
    open.add(client);
    client.send("40");
    assertThat(client.read()).startsWith("40{");
    for (int i = 0; i < EVENTS; i += ANSWER_EVERY) {
      client.send("42" + i + "[\"ask\"," + i + "]");
    }
    Awaitility.await().until(() -> trial.io.pressure().waited() > 0);
    Awaitility.await().until(() -> trial.io.main().sockets().isEmpty());
    return client.readUntil(packet -> packet.equals("41"));
  }

  private static void assertInOrder(List<String> packets) {
    int next = 0;
    int at = 0;
    while (next < EVENTS) {
      for (int i = 0; i < ANSWER_EVERY; i++) {
        assertThat(packets.get(at++)).startsWith("42[\"e\"," + next++ + ",");
      }
      assertThat(packets.get(at++)).isEqualTo("43" + (next - ANSWER_EVERY) + "[" + next + "]");
    }
    assertThat(packets.get(at++)).matches("42\\d+\\[\"question\"]");
    assertThat(packets.subList(at, packets.size())).containsExactly("41");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eventsAnswersAndTheEndOfTheConnectionAreInOrder(boolean recovers) throws IOException {
    Trial trial = start(recovers);

    assertInOrder(slowly(trial, socket -> socket.disconnect(true)));
    assertThat(((SlowSocket) open.getLast()).readToEnd()).isEmpty();
    Awaitility.await().until(() -> trial.io.connections() == 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasSentBeforeADisconnectComesBeforeIt(boolean recovers) throws IOException {
    assertInOrder(slowly(start(recovers), Socket::disconnect));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingComesBeforeTheAnswerToTheConnect(boolean recovers) {
    Trial trial = start(recovers);
    trial.io.observe(
        new SocketObserver() {
          @Override
          public void onConnect(Socket socket) { // on the socket's loop, before it has begun
            socket.emit("entered", 1);
            socket.emit("entered", "2");
          }
        });
    trial.io.main().onConnection(socket -> socket.emit("begun"));

    TestClient client = trial.client().send("40");

    assertThat(client.next()).startsWith("40{");
    assertThat(client.next()).startsWith("42[\"entered\",1");
    assertThat(client.next()).startsWith("42[\"entered\",\"2\"");
    assertThat(client.next()).startsWith("42[\"begun\"");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatMiddlewareSendsComesAfterTheAnswerToTheConnect(boolean recovers) {
    Trial trial = start(recovers);
    trial
        .io
        .main()
        .use(socket -> {
          socket.with().asVolatile().emit("lost");
          var _ = socket.emitWithAck("question");
        })
        .onConnection(socket -> socket.emit("begun"));

    TestClient client = trial.client().send("40");

    assertThat(client.next()).startsWith("40{");
    assertThat(client.next()).matches("42\\d+\\[\"question\"]");
    assertThat(client.next()).startsWith("42[\"begun\"");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void middlewareMayDisconnect(boolean recovers) {
    Trial trial = start(recovers);
    trial.io.main().use(Socket::disconnect);

    assertThat(trial.client().send("40").next()).isEqualTo("41");
  }
}
