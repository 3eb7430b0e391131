package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many namespaces and rooms come and go, and the server remembers none of them. */
@Timeout(120)
final class NothingKeptTest {
  private static final int MANY = 2_000;

  private final Trial.Settings settings = new Trial.Settings();
  private final List<AutoCloseable> open = new ArrayList<>();

  private Trial start(Duration window) {
    settings.window = window;
    settings.maxNamespaces = MANY;
    settings.maxWaitingBytes = 16 << 20;
    settings.rooms = List.of(new RoomBinding("/", "stream-*", "rooms/*", "message"));
    Trial trial = new Trial(settings);
    open.add(trial);
    return trial;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void twoThousandNamespacesAreForgottenWhenTheirClientHasLeft(int windowSeconds) {
    Trial trial = start(Duration.ofSeconds(windowSeconds));
    BlockingQueue<WeakReference<Object>> seen = new LinkedBlockingQueue<>();
    Namespace all =
        trial
            .io
            .of(Pattern.compile("/n\\d+"))
            .onConnection(socket -> {
              socket.join("room");
              seen.add(new WeakReference<>(socket));
              seen.add(new WeakReference<>(socket.namespace()));
            });
    TestClient client = trial.client();
    for (int i = 0; i < MANY; i++) {
      client.send("40/n" + i + ",");
    }
    for (int i = 0; i < MANY; i++) {
      assertThat(client.next()).startsWith("40/n");
    }
    all.emit("e");
    for (int i = 0; i < MANY; i++) {
      assertThat(client.next()).startsWith("42/n");
    }
    assertThat(trial.io.namespaces()).hasSize(MANY + 1);
    for (int i = 0; i < MANY; i++) {
      client.send("41/n" + i + ",");
    }

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(trial.io.namespaces()).extracting(Namespace::name).containsExactly("/"));
    assertThat(seen).hasSize(2 * MANY);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          System.gc();
          return seen.stream().allMatch(reference -> reference.refersTo(null));
        });
    assertThat(all.sockets()).isEmpty();
    assertThat(trial.io.connections()).isEqualTo(1);
  }

  @Test
  void twoThousandRoomsAreForgottenWhenTheirSocketHasLeft() {
    Trial trial = start(Duration.ofSeconds(1));
    BlockingQueue<Socket> connected = trial.connections("/");
    TestClient client = trial.connected();
    Socket socket = Trial.next(connected);
    String[] rooms = new String[MANY];
    for (int i = 0; i < MANY; i++) {
      rooms[i] = (i % 2 == 0 ? "room-" : "stream-") + i;
    }
    socket.join(rooms);
    trial.io.main().to(rooms[MANY - 1]).emit("e", 1);
    assertThat(client.next()).startsWith("42[\"e\",1,");
    Namespace main = trial.io.main();
    assertThat(SocketIoServer.rooms(main)).hasSize(MANY);
    assertThat(trial.io.streams().following()).isEqualTo(MANY / 2);

    socket.leave(rooms);

    assertThat(main.fetchSockets().join().getFirst().rooms()).isEmpty();
    assertThat(SocketIoServer.rooms(main)).isEmpty();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> trial.io.streams().following() == 0);
  }
}
