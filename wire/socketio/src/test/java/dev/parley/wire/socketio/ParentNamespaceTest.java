package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.socketio.AckTimeoutException;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pattern's namespaces have in common. As the official server unless said otherwise. */
@Timeout(60)
final class ParentNamespaceTest {
  private final Trial.Settings settings = new Trial.Settings();
  private final BlockingQueue<Socket> connected = new LinkedBlockingQueue<>();
  private final Trial trial;
  private final Namespace rooms;

  ParentNamespaceTest() {
    settings.window = Duration.ZERO;
    trial = new Trial(settings);
    rooms = trial.io.of(Pattern.compile("/room-\\d+")).onConnection(connected::add);
  }

  @AfterEach
  void close() {
    trial.close();
  }

  private TestClient in(String namespace) {
    TestClient client = trial.client();
    var _ = client.connect(namespace, "");
    return client;
  }

  @Test
  void whatIsSentToAPatternReachesAllItsNamespacesAndNoOther() {
    trial.io.of("/hall");
    TestClient one = in("/room-1");
    TestClient two = in("/room-2");
    TestClient other = in("/hall");

    rooms.emit("news", 7, new byte[] {1});
    trial.io.of("/hall").emit("own");

    for (TestClient client : List.of(one, two)) {
      assertThat(client.next()).matches("451-/room-[12],\\[\"news\",7,\\{.*}]");
      assertThat(client.next()).isEqualTo("[01]");
    }
    assertThat(other.next()).isEqualTo("42/hall,[\"own\"]");
  }

  @Test
  void aChoiceHoldsInEachOfThem() {
    TestClient one = in("/room-1");
    Trial.next(connected).join("a", "b");
    TestClient two = in("/room-2");
    Trial.next(connected).join("a");

    rooms.to("a").except("b").local().compress(false).emit("first");
    rooms.to("b").asVolatile().emit("second");
    rooms.emit("last");

    assertThat(two.next()).isEqualTo("42/room-2,[\"first\"]");
    assertThat(two.next()).isEqualTo("42/room-2,[\"last\"]");
    assertThat(one.next()).isEqualTo("42/room-1,[\"second\"]");
    assertThat(one.next()).isEqualTo("42/room-1,[\"last\"]");
  }

  @Test
  void answersComeFromAllOfThem() {
    TestClient one = in("/room-1");
    TestClient two = in("/room-2");

    CompletableFuture<List<Arguments>> answers = rooms.emitWithAck("who");
    answer(one, "/room-1", "one");
    answer(two, "/room-2", "two");
    assertThat(answers.join())
        .extracting(arguments -> arguments.get(0, String.class))
        .containsExactlyInAnyOrder("one", "two");

    CompletableFuture<List<Arguments>> half =
        rooms.timeout(Duration.ofMillis(300)).emitWithAck("who");
    answer(one, "/room-1", "one");
    assertThatThrownBy(half::join)
        .cause()
        .isInstanceOfSatisfying(
            AckTimeoutException.class, late -> assertThat(late.answers()).hasSize(1));
    assertThat(trial.io.of(_ -> false).emitWithAck("who").join()).isEmpty();
  }

  private static void answer(TestClient client, String namespace, String text) {
    String packet = client.next();
    String id = packet.substring(packet.indexOf(',') + 1, packet.indexOf('['));
    client.send("43" + namespace + "," + id + "[\"" + text + "\"]");
  }

  @Test
  void allOfThemJoinLeaveAndAreDisconnected() {
    TestClient one = in("/room-1");
    TestClient two = in("/room-2");
    assertThat(rooms.sockets()).hasSize(2);

    rooms.socketsJoin("a");
    rooms.to("a").emit("in");
    rooms.socketsLeave("a");
    rooms.to("a").emit("not in");
    rooms.disconnectSockets(false);

    for (TestClient client : List.of(one, two)) {
      assertThat(client.next()).endsWith("[\"in\"]");
      assertThat(client.next()).startsWith("41/room-");
    }
    Awaitility.await().until(() -> rooms.sockets().isEmpty());
  }

  @Test
  void whatIsInAllOfThemIsNotAskedOfAPattern() {
    assertThatThrownBy(rooms::fetchSockets)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("fetchSockets: of pattern /room-\\d+ (expected: of one namespace)");
    assertThatThrownBy(() -> rooms.to("a").fetchSockets())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> rooms.emit("disconnect")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> rooms.socketsJoin("parley:presence:x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNamespaceNamedAfterItsPatternIsOneOfIts() {
    Namespace named = trial.io.of("/room-1").use(socket -> socket.data().put("named", "too"));
    rooms.use(socket -> {
      if (socket.handshake().auth().containsKey("bad")) {
        throw new ConnectRefusedException("no");
      }
    });

    assertThat(trial.client().send("40/room-1,{\"bad\":1}").next())
        .isEqualTo("44/room-1,{\"message\":\"no\"}");
    TestClient client = in("/room-1");
    assertThat(Trial.next(connected).data()).containsEntry("named", "too");
    assertThat(trial.io.of("/room-1")).isSameAs(named);
    rooms.emit("e");
    assertThat(client.next()).isEqualTo("42/room-1,[\"e\"]");
    var _ = in("/room-2");
    assertThat(Trial.next(connected).data()).as("of another").isEmpty();
  }

  @Test
  void aNamespaceNamedBeforeItsPatternIsNot() {
    trial.io.of("/late-1");
    Namespace late =
        trial
            .io
            .of(Pattern.compile("/late-.*"))
            .use(_ -> {
              throw new ConnectRefusedException("no");
            });

    assertThat(in("/late-1").send("41/late-1,")).isNotNull();
    assertThat(trial.client().send("40/late-2,").next())
        .isEqualTo("44/late-2,{\"message\":\"no\"}");
    assertThat(late.sockets()).isEmpty();
  }

  @Test
  void aNameIsNotTakenToAFunction() {
    trial
        .io
        .of(name -> name.startsWith("/f"))
        .use(_ -> {
          throw new ConnectRefusedException("no");
        });
    trial.io.of("/f1");

    assertThat(in("/f1").send("41/f1,")).isNotNull();
    assertThat(trial.client().send("40/f2,").next()).isEqualTo("44/f2,{\"message\":\"no\"}");
  }

  @Test
  void whatIsRegisteredWithOneOfThemIsNotForTheOthers() {
    var _ = in("/room-1");
    Trial.next(connected)
        .namespace()
        .use(_ -> {
          throw new ConnectRefusedException("full");
        });

    assertThat(trial.client().send("40/room-1,").next())
        .isEqualTo("44/room-1,{\"message\":\"full\"}");
    assertThat(in("/room-2").send("41/room-2,")).isNotNull();
  }

  @Test
  void oneThatAProgramNamesStaysWithoutClients() {
    TestClient client = in("/room-1");
    Namespace named = trial.io.of("/room-1");
    var _ = client.connect("/room-2", "");
    client.send("41/room-1,").send("41/room-2,");

    Awaitility.await()
        .untilAsserted(() ->
            assertThat(trial.io.namespaces())
                .extracting(Namespace::name)
                .containsExactlyInAnyOrder("/", "/room-1"));
    assertThat(trial.io.of("/room-1")).isSameAs(named);
  }
}
