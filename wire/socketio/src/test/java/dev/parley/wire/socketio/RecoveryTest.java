package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import dev.parley.stream.Append;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Clients that lose the connection, or their server, and come back. */
@Timeout(60)
final class RecoveryTest {
  private final Trial.Settings settings = new Trial.Settings();
  private final GroupingStore store = new GroupingStore();
  private Trial trial;
  private BlockingQueue<Socket> connected;

  RecoveryTest() {
    settings.store = store;
    settings.rooms = List.of(new RoomBinding("/", "chat-*", "chat/*", "message"));
    trial = new Trial(settings);
    connected = trial.connections("/");
  }

  @AfterEach
  void close() {
    trial.close();
  }

  private void again() {
    trial.close();
    GroupingStore fresh = new GroupingStore();
    settings.store = fresh;
    trial = new Trial(settings);
    connected = trial.connections("/");
  }

  private void restart() {
    trial.restart();
    connected = trial.connections("/");
  }

  /** One who knows how to come back. */
  private final class Visitor {
    final String sid;
    final String pid;
    TestClient client;
    String offset = "";

    Visitor() {
      client = trial.client();
      JsonNode granted = client.connect("/", "");
      sid = granted.path("sid").stringValue();
      pid = granted.path("pid").stringValue();
    }

    /** The first argument of the next event. */
    String hears() {
      JsonNode event = client.event();
      JsonNode last = event.get(event.size() - 1);
      if (last.isString()) {
        offset = last.stringValue();
      }
      return event.get(1).asString();
    }

    List<String> hears(int count) {
      List<String> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(hears());
      }
      return all;
    }

    void leaves() {
      int before = trial.io.main().sockets().size();
      client.close();
      Awaitility.await().until(() -> trial.io.main().sockets().size() < before);
    }

    /** Whether it is who it was. */
    boolean returns() {
      client = trial.client();
      String auth =
          offset.isEmpty()
              ? "{\"pid\":\"" + pid + "\"}"
              : "{\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"}";
      return client.connect("/", auth).path("sid").stringValue().equals(sid);
    }
  }

  private Namespace io() {
    return trial.io.main();
  }

  private void append(String path, String json) {
    var _ =
        trial
            .hub
            .append(StreamPath.of(path), Append.of(json.getBytes(StandardCharsets.UTF_8)))
            .join();
  }

  private void create(String path) {
    var _ = trial.hub.create(StreamPath.of(path), StreamSpec.of("application/json")).join();
  }

  @Test
  void whatWasMissedComesInOrderWithRoomsAndData() {
    Visitor visitor = new Visitor();
    Socket socket = Trial.next(connected);
    socket.join("a");
    socket.data().put("name", "Ann");
    io().emit("e", 1);
    assertThat(visitor.hears()).isEqualTo("1");
    visitor.leaves();

    io().emit("e", 2);
    io().to("a").emit("e", 3);
    io().to("b").emit("e", 4);
    io().asVolatile().emit("e", 5);
    io().to(visitor.sid).emit("e", 6);
    io().except("a").emit("e", 7);
    io().emit("e", new byte[] {1});
    io().emit("e", 8);

    assertThat(visitor.returns()).isTrue();
    assertThat(visitor.hears(3)).containsExactly("2", "3", "6");
    assertThat(visitor.client.next()).startsWith("451-[\"e\",");
    assertThat(visitor.client.next()).isEqualTo("[01]");
    assertThat(visitor.hears()).isEqualTo("8");
    Socket back = Trial.next(connected);
    assertThat(back.recovered()).isTrue();
    assertThat(back.rooms()).containsExactly("a");
    assertThat(back.data()).isEqualTo(Map.of("name", "Ann"));
    io().to("a").emit("e", 9);
    assertThat(visitor.hears()).isEqualTo("9");
  }

  @Test
  void whatWasSentButNeverSeenComesAgain() {
    Visitor visitor = new Visitor();
    Socket socket = Trial.next(connected);
    socket.emit("e", 1);
    socket.emit("e", 2);
    assertThat(visitor.hears()).isEqualTo("1");
    visitor.leaves();

    assertThat(visitor.returns()).isTrue();
    assertThat(visitor.hears()).isEqualTo("2");
  }

  @Test
  void aRoomJoinedLaterBringsNothingFromBefore() {
    Visitor visitor = new Visitor();
    Socket socket = Trial.next(connected);
    io().emit("e", "seen");
    assertThat(visitor.hears()).isEqualTo("seen");
    io().to("a").emit("e", "before");
    socket.join("a");
    io().to("a").emit("e", "after");
    visitor.leaves();

    assertThat(visitor.returns()).isTrue();
    assertThat(visitor.hears()).isEqualTo("after");
  }

  @Test
  void theSecondConnectionTakesOver() {
    Visitor visitor = new Visitor();
    Socket first = Trial.next(connected);
    first.join("a");
    TestClient old = visitor.client;

    assertThat(visitor.returns()).isTrue();

    assertThat(old.next()).isEqualTo("41");
    assertThat(first.connected()).isFalse();
    assertThat(Trial.next(connected).rooms()).containsExactly("a");
    io().emit("e", "once");
    assertThat(visitor.hears()).isEqualTo("once");
    assertThat(io().sockets()).hasSize(1);
  }

  @Test
  void aSessionEndsWithItsWindowOrAnOrderlyGoodbye() {
    Visitor polite = new Visitor();
    polite.client.send("41");
    Awaitility.await().until(() -> io().sockets().isEmpty());
    assertThat(polite.returns()).isFalse();

    settings.window = Duration.ofMillis(1);
    again();
    Visitor late = new Visitor();
    late.leaves();
    long left = System.nanoTime();
    Awaitility.await().until(() -> System.nanoTime() - left > 20_000_000);
    assertThat(late.returns()).isFalse();
  }

  @Test
  void whoCannotBeGivenAllGetsAFreshSession() {
    settings.maxBytes = 2_000;
    again();
    Visitor visitor = new Visitor();
    io().emit("e", "seen");
    assertThat(visitor.hears()).isEqualTo("seen");
    visitor.leaves();
    for (int i = 0; i < 50; i++) {
      io().emit("e", "x".repeat(100));
    }

    assertThat(visitor.returns()).isFalse();
    io().emit("e", "new");
    assertThat(visitor.hears()).isEqualTo("new");
  }

  @Test
  void pidsThatAreWrongGetFreshSessions() {
    for (String auth :
        List.of(
            "{\"pid\":\"" + "a".repeat(40) + "\",\"offset\":\"1\"}",
            "{\"pid\":7}",
            "{\"pid\":\"../../etc\"}",
            "{\"pid\":\"" + "a".repeat(40) + "\",\"offset\":{}}",
            "{\"__proto__\":{\"pid\":\"x\"}}")) {
      assertThat(trial.client().connect("/", auth).path("pid").stringValue()).hasSize(40);
    }
  }

  @Test
  void anEventThatCannotBeKeptIsDeliveredAllTheSameAndInOrder() {
    Visitor visitor = new Visitor();
    var _ = Trial.next(connected);
    for (int i = 0; i < 30; i++) {
      store.failAppends(i % 3 == 1);
      io().emit("e", i);
    }
    store.failAppends(false);

    for (int i = 0; i < 30; i++) {
      assertThat(visitor.hears()).isEqualTo(String.valueOf(i));
    }
  }

  @Test
  void messagesOfAStreamAndOfALogThatAreCommittedTogetherAllArrive() {
    create("chat/1");
    Visitor visitor = new Visitor();
    Trial.next(connected).join("chat-1");
    io().emit("e", "ready");
    assertThat(visitor.hears()).isEqualTo("ready");

    store.hold();
    io().emit("e", "one");
    append("chat/1", "\"two\"");
    io().emit("e", "three");
    append("chat/1", "\"four\"");
    Awaitility.await().until(() -> store.held() == 4);
    store.tell();

    assertThat(visitor.hears(4)).containsExactly("one", "two", "three", "four");
  }

  @Test
  void whoJoinsAStreamAndSendsHearsItsOwnMessage() {
    create("chat/1");
    create("chat/2");
    Visitor visitor = new Visitor();
    Socket socket = Trial.next(connected);
    for (int i = 0; i < 30; i++) {
      socket.data().put("round", i);
      socket.join("chat-1");
      io().to("chat-1").emit("message", i);
      assertThat(visitor.hears()).isEqualTo(String.valueOf(i));
      socket.leave("chat-1");
    }
  }

  @Test
  void aRestartLosesNothing() {
    create("chat/1");
    Visitor one = new Visitor();
    Trial.next(connected).join("a", "chat-1");
    Visitor two = new Visitor();
    Trial.next(connected).join("chat-1");
    io().emit("e", 1);
    assertThat(one.hears() + two.hears()).isEqualTo("11");
    io().to("a").emit("e", 2);
    append("chat/1", "3");
    Awaitility.await().until(() -> two.hears().equals("3"));
    restart();
    append("chat/1", "4");
    io().emit("e", 5);
    Visitor other = new Visitor(); // follows the stream before those of earlier are back
    Trial.next(connected).join("chat-1");
    append("chat/1", "6");

    assertThat(other.hears()).isEqualTo("6");
    assertThat(one.returns()).isTrue();
    assertThat(two.returns()).isTrue();

    assertThat(one.hears(5)).containsExactly("2", "3", "4", "5", "6");
    assertThat(two.hears(3)).containsExactly("4", "5", "6");
    io().to("chat-1").emit("message", 7);
    assertThat(one.hears() + two.hears() + other.hears()).isEqualTo("777");
  }

  @Test
  void whatAKilledServerKeptIsWrittenAgainOnlyWhereMiddlewareChangesIt() {
    settings.skipMiddleware = false;
    Visitor same = new Visitor();
    Trial.next(connected).join("a");
    Visitor changed = new Visitor();
    Trial.next(connected).join("a");
    io().to("a").emit("e", 1);
    assertThat(same.hears() + changed.hears()).isEqualTo("11");
    store.failAppends(true); // it has no time to write that they are gone
    restart();
    store.failAppends(false);
    long sameKept = kept(same);
    long changedKept = kept(changed);

    assertThat(same.returns()).isTrue();
    io().use(socket -> socket.data().put("changed", true));
    assertThat(changed.returns()).isTrue();

    Awaitility.await().until(() -> kept(changed) > changedKept);
    assertThat(kept(same)).isEqualTo(sameKept);
  }

  /** How often its state was written. */
  private long kept(Visitor visitor) {
    StreamPath path = StreamPath.of(Journal.RESERVED + "/session/" + visitor.pid);
    return trial.hub.head(path).join().orElseThrow().tail();
  }

  @Test
  void aNamespaceOfAPatternIsThereForThoseWhoComeBack() {
    BlockingQueue<Socket> sockets = new java.util.concurrent.LinkedBlockingQueue<>();
    trial.io.of(Pattern.compile("/p\\d")).onConnection(sockets::add);
    TestClient client = trial.client();
    String pid = client.connect("/p1", "").path("pid").stringValue();
    Namespace namespace = Trial.next(sockets).namespace();
    client.close();
    Awaitility.await().until(() -> namespace.sockets().isEmpty());

    namespace.emit("e", "missed");

    TestClient back = trial.client();
    var _ = back.connect("/p1", "{\"pid\":\"" + pid + "\"}");
    assertThat(back.events(1)).containsExactly("missed");
  }

  @Test
  void broadcastsStayInOrderWhileClientsMoveToOtherLoops() throws InterruptedException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 5; round++) {
      int total = 200;
      List<TestClient> clients = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        TestClient client = trial.pollingClient().send("40");
        client.poll();
        assertThat(client.next()).startsWith("40");
        clients.add(client);
        Trial.next(connected).join("room");
      }
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < total; n++) {
                  (n % 2 == 0 ? io() : io().to("room")).emit("n", n);
                }
              });
      for (TestClient client : clients) {
        if (random.nextBoolean()) {
          client.poll();
        }
        client.upgrade();
      }
      sender.join();
      for (TestClient client : clients) {
        for (int n = 0; n < total; n++) {
          assertThat(client.event().get(1).intValue()).as("seed %d", seed).isEqualTo(n);
        }
        client.close();
      }
      Awaitility.await().until(() -> io().sockets().isEmpty());
    }
  }

  @Test
  void nothingIsLostOrDoubledHoweverOftenClientsComeAndGo() throws InterruptedException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    create("chat/1");
    Visitor visitor = new Visitor();
    Trial.next(connected).join("chat-1");
    int total = 600;
    Thread sender =
        Thread.ofPlatform()
            .start(() -> {
              for (int n = 0; n < total; n++) {
                if (n % 3 == 0) {
                  append("chat/1", String.valueOf(n));
                } else {
                  io().to(n % 3 == 1 ? "chat-1" : visitor.sid).emit("message", n);
                }
              }
            });
    List<Integer> heard = new ArrayList<>();
    while (heard.size() < total) {
      for (int i = 1 + random.nextInt(60); i > 0 && heard.size() < total; i--) {
        heard.add(Integer.parseInt(visitor.hears()));
      }
      if (random.nextBoolean()) {
        visitor.client.close();
      }
      assertThat(visitor.returns()).as("seed %d", seed).isTrue();
    }
    sender.join();

    assertThat(heard).as("seed %d", seed).doesNotHaveDuplicates().hasSize(total);
    for (int kind = 0; kind < 3; kind++) {
      int of = kind;
      assertThat(heard.stream().filter(n -> n % 3 == of)).as("seed %d", seed).isSorted();
    }
  }
}
