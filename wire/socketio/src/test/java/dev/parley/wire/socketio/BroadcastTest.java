package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.socketio.AckTimeoutException;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.RemoteSocket;
import dev.parley.socketio.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who hears what is sent to many. */
@Timeout(60)
final class BroadcastTest {
  private final Trial trial = new Trial();
  private final BlockingQueue<Socket> connected = trial.connections("/");
  private final List<TestClient> clients = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private final Namespace io = trial.io.main();

  @AfterEach
  void close() {
    trial.close();
  }

  private void connect(int count) {
    for (int i = 0; i < count; i++) {
      clients.add(trial.connected());
      sockets.add(Trial.next(connected));
    }
  }

  /** Which clients heard an event, found out by a second one that all hear. */
  private Set<Integer> heard(Runnable send) {
    send.run();
    io.emit("all");
    Set<Integer> heard = new TreeSet<>();
    for (int i = 0; i < clients.size(); i++) {
      String name = clients.get(i).event().get(0).stringValue();
      if (!name.equals("all")) {
        heard.add(i);
        assertThat(clients.get(i).event().get(0).stringValue()).isEqualTo("all");
      }
    }
    return heard;
  }

  @Test
  void roomsAndIdsAreChosenAndExcepted() {
    connect(4);
    sockets.get(0).join("a");
    sockets.get(1).join("a", "b");
    sockets.get(2).join("b");

    assertThat(heard(() -> io.emit("e"))).containsExactly(0, 1, 2, 3);
    assertThat(heard(() -> io.to("a").emit("e"))).containsExactly(0, 1);
    assertThat(heard(() -> io.to("a").to("b").emit("e"))).containsExactly(0, 1, 2);
    assertThat(heard(() -> io.to("a", "b").except("b").emit("e"))).containsExactly(0);
    assertThat(heard(() -> io.except("a").emit("e"))).containsExactly(2, 3);
    assertThat(heard(() -> io.to(sockets.get(3).id()).emit("e"))).containsExactly(3);
    assertThat(heard(() -> io.except(sockets.get(3).id()).emit("e"))).containsExactly(0, 1, 2);
    assertThat(heard(() -> io.to("none").emit("e"))).isEmpty();
    assertThat(heard(() -> io.local().asVolatile().compress(false).emit("e")))
        .containsExactly(0, 1, 2, 3);
    assertThat(heard(() -> sockets.get(0).broadcast().emit("e"))).containsExactly(1, 2, 3);
    assertThat(heard(() -> sockets.get(0).to("a").emit("e"))).containsExactly(1);
    assertThat(heard(() -> sockets.get(0).except("a").emit("e"))).containsExactly(2, 3);
    sockets.get(1).leave("a");
    assertThat(heard(() -> io.to("a").emit("e"))).containsExactly(0);
  }

  @Test
  void aRoomNamedAfterASocketHasBoth() {
    connect(3);
    sockets.get(1).join(sockets.get(0).id());

    assertThat(heard(() -> io.to(sockets.get(0).id()).emit("e"))).containsExactly(0, 1);
  }

  @Test
  void nobodyLeavesTheRoomOfAll() {
    connect(2);
    sockets.get(0).join("");
    sockets.get(0).leave("");

    assertThat(heard(() -> io.emit("e"))).containsExactly(0, 1);
    assertThat(sockets.get(0).rooms()).isEmpty();
  }

  @Test
  void roomsOfTheServerAreNotJoinedByAProgram() {
    connect(1);

    assertThatThrownBy(() -> sockets.getFirst().join("parley:stream:orders"))
        .hasMessageStartingWith("room: parley:stream:orders (expected: a name without");
    assertThatThrownBy(() -> io.socketsJoin("parley:presence:x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bytesGoToAll() {
    connect(2);

    io.emit("e", new byte[] {7}, "x");

    for (TestClient client : clients) {
      assertThat(client.next()).startsWith("451-[\"e\",{\"_placeholder\":true,\"num\":0},\"x\"");
      assertThat(client.next()).isEqualTo("[07]");
    }
  }

  @Test
  void answersOfAllAreGathered() {
    connect(3);

    CompletableFuture<List<Arguments>> answers =
        io.except(sockets.get(2).id()).emitWithAck("q", "x");
    for (int i = 0; i < 2; i++) {
      assertThat(clients.get(i).next()).isEqualTo("420[\"q\",\"x\"]");
      clients.get(i).send("430[" + i + "]");
    }

    assertThat(answers.join().stream().map(Arguments::toJson))
        .containsExactlyInAnyOrder("[0]", "[1]");
    assertThat(io.to("none").emitWithAck("q").join()).isEmpty();
  }

  @Test
  void missingAnswersFailWithThoseThatCame() {
    connect(2);

    CompletableFuture<List<Arguments>> answers =
        io.timeout(Duration.ofMillis(500)).emitWithAck("q");
    clients.getFirst().send("430[\"here\"]");

    assertThatThrownBy(answers::join)
        .cause()
        .isInstanceOfSatisfying(
            AckTimeoutException.class,
            e -> {
              assertThat(e).hasMessage("q: 1 of 2 answers within PT0.5S");
              assertThat(e.answers().getFirst().toJson()).isEqualTo("[\"here\"]");
            });
  }

  @Test
  void whoIsChosenCanBeMovedAndSentAway() {
    connect(3);
    sockets.get(0).data().put("name", "zero");

    io.except(sockets.get(2).id()).socketsJoin("r");
    io.to(sockets.get(1).id()).socketsLeave("r");
    List<RemoteSocket> found = io.to("r").fetchSockets().join();

    assertThat(found).hasSize(1);
    assertThat(found.getFirst().id()).isEqualTo(sockets.get(0).id());
    assertThat(found.getFirst().rooms()).containsExactly("r");
    assertThat(found.getFirst().data()).containsEntry("name", "zero");
    found.getFirst().emit("alone");
    assertThat(clients.get(0).event().get(0).stringValue()).isEqualTo("alone");
    io.to("r").disconnectSockets(false);
    assertThat(clients.get(0).next()).isEqualTo("41");
    io.disconnectSockets(true);
    assertThat(clients.get(1).next()).isEqualTo("41");
    assertThat(clients.get(1).next()).startsWith("close");
    assertThat(clients.get(0).send("42[\"ignored\"]").connect("/", "").has("sid")).isTrue();
  }

  @Test
  void roomListenersHearOfEveryChangeAndMayFail() {
    BlockingQueue<String> news = new LinkedBlockingQueue<>();
    io.onRooms(
        new Namespace.RoomListener() {
          @Override
          public void onCreate(String room) {
            news.add("+" + room);
          }

          @Override
          public void onJoin(String room, String id) {
            news.add(">" + room);
            throw new IllegalStateException("expected here");
          }

          @Override
          public void onLeave(String room, String id) {
            news.add("<" + room);
          }

          @Override
          public void onDelete(String room) {
            news.add("-" + room);
          }
        });
    connect(2);

    sockets.get(0).join("a", "a");
    sockets.get(1).join("a");
    sockets.get(0).leave("a", "b");
    clients.get(1).send("41");

    for (String each : List.of("+a", ">a", ">a", "<a", "<a", "-a")) {
      assertThat(Trial.next(news)).isEqualTo(each);
    }
    assertThat(heardByFirst()).isEqualTo("still");
  }

  private String heardByFirst() {
    io.emit("still");
    return clients.getFirst().event().get(0).stringValue();
  }

  @Test
  void randomJoinsAndLeavesAreWhatTheModelSays() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    connect(6);
    List<Set<String>> model = new ArrayList<>();
    sockets.forEach(_ -> model.add(new HashSet<>()));
    for (int step = 0; step < 300; step++) {
      int who = random.nextInt(6);
      String room = "r" + random.nextInt(4);
      if (random.nextBoolean()) {
        sockets.get(who).join(room);
        model.get(who).add(room);
      } else {
        sockets.get(who).leave(room);
        model.get(who).remove(room);
      }
      if (step % 10 == 0) {
        String to = "r" + random.nextInt(4);
        String except = "r" + random.nextInt(4);
        Set<Integer> expected = new TreeSet<>();
        for (int i = 0; i < 6; i++) {
          if (model.get(i).contains(to) && !model.get(i).contains(except)) {
            expected.add(i);
          }
        }
        assertThat(heard(() -> io.to(to).except(except).emit("e")))
            .as("seed %d, step %d", seed, step)
            .isEqualTo(expected);
      }
    }
    for (int i = 0; i < 6; i++) {
      assertThat(sockets.get(i).rooms()).as("seed %d", seed).isEqualTo(model.get(i));
    }
  }
}
