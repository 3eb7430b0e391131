package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How clients get into namespaces, and how they do not. */
@Timeout(60)
final class NamespacesTest {
  private final Trial.Settings settings = new Trial.Settings();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private Trial trial = new Trial(settings);

  @AfterEach
  void close() {
    trial.close();
  }

  private void again() {
    trial.close();
    settings.store = new dev.parley.stream.MemoryStore();
    trial = new Trial(settings);
  }

  @Test
  void severalNamespacesShareAConnection() {
    trial.io.of("/a").onConnection(socket -> socket.on("e", a -> a.ack().send("a")));
    trial.io.of("b").onConnection(socket -> socket.on("e", a -> a.ack().send("b")));
    TestClient client = trial.client();
    String first = client.connect("/a", "").path("sid").stringValue();
    String second = client.connect("/b", "{}").path("sid").stringValue();

    assertThat(first).hasSize(20).isNotEqualTo(second);
    assertThat(client.send("42/b,0[\"e\"]").next()).isEqualTo("43/b,0[\"b\"]");
    assertThat(client.send("42/a,0[\"e\"]").next()).isEqualTo("43/a,0[\"a\"]");
    client.send("41/a,");
    assertThat(client.send("42/a,1[\"e\"]").send("42/b,1[\"e\"]").next())
        .isEqualTo("43/b,1[\"b\"]");
  }

  @Test
  void aNamespaceThatIsNotThereIsRefused() {
    TestClient client = trial.client();

    assertThat(client.send("40/none,").next())
        .isEqualTo("44/none,{\"message\":\"Invalid namespace\"}");
    assertThat(client.connect("/", "").path("sid").isString()).isTrue();
  }

  @Test
  void middlewareRefusesWithAMessageAndData() {
    trial
        .io
        .of("/a")
        .use(socket -> {
          switch (String.valueOf(socket.handshake().auth().get("user"))) {
            case "eve" -> throw new ConnectRefusedException("not you", Map.of("code", 7));
            case "mallory" -> throw new ConnectRefusedException("nor you");
            case "bug" -> throw new IllegalStateException("a secret");
            case "error" -> throw new AssertionError("a secret");
            default -> {
              socket.data().put("user", "known");
              socket.join("first");
            }
          }
        })
        .use(socket -> socket.join("second"));
    BlockingQueue<Socket> sockets = trial.connections("/a");
    TestClient client = trial.client();

    assertThat(client.send("40/a,{\"user\":\"eve\"}").next())
        .isEqualTo("44/a,{\"message\":\"not you\",\"data\":{\"code\":7}}");
    assertThat(client.send("40/a,{\"user\":\"mallory\"}").next())
        .isEqualTo("44/a,{\"message\":\"nor you\"}");
    assertThat(client.send("40/a,{\"user\":\"bug\"}").next())
        .isEqualTo("44/a,{\"message\":\"Internal error\"}");
    assertThat(client.send("40/a,{\"user\":\"error\"}").next())
        .isEqualTo("44/a,{\"message\":\"Internal error\"}");
    var _ = client.connect("/a", "{\"user\":\"alice\"}");
    Socket socket = Trial.next(sockets);
    assertThat(socket.rooms()).containsExactly("first", "second");
    assertThat(socket.data()).containsEntry("user", "known");
    assertThat(trial.io.of("/a").to("second").fetchSockets().join()).hasSize(1);
  }

  @Test
  void aClientThatLeavesWhileMiddlewareThinksIsNobodysConnection() throws InterruptedException {
    CountDownLatch thought = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Namespace namespace =
        trial
            .io
            .of("/a")
            .use(_ -> {
              heard.add("asked");
              if (!thought.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("nothing in 20 s");
              }
              done.countDown();
            })
            .onConnection(_ -> heard.add("connected"));
    TestClient client = trial.client().send("40/a,");
    assertThat(Trial.next(heard)).isEqualTo("asked");

    client.close();
    Awaitility.await().until(() -> trial.io.connections() == 0);
    thought.countDown();

    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(namespace.fetchSockets().join()).isEmpty();
    assertThat(namespace.sockets()).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void aPatternMakesNamespacesAndTheyGoWithTheirLastClient() {
    settings.window = Duration.ZERO;
    again();
    trial
        .io
        .of(Pattern.compile("/room-\\d+"))
        .onConnection(socket -> socket.namespace().emit("in", socket.namespace().name()));
    TestClient one = trial.client();
    var _ = one.connect("/room-1", "");
    assertThat(one.next()).isEqualTo("42/room-1,[\"in\",\"/room-1\"]");
    TestClient two = trial.client();
    var _ = two.connect("/room-2", "");
    assertThat(two.next()).isEqualTo("42/room-2,[\"in\",\"/room-2\"]");

    assertThat(two.send("40/room-x,").next())
        .isEqualTo("44/room-x,{\"message\":\"Invalid namespace\"}");
    assertThat(names()).containsExactlyInAnyOrder("/", "/room-1", "/room-2");
    one.send("41/room-1,");
    Awaitility.await()
        .untilAsserted(() -> assertThat(names()).containsExactlyInAnyOrder("/", "/room-2"));
    assertThat(one.connect("/room-1", "").path("sid").isString()).isTrue();
  }

  private List<String> names() {
    return trial.io.namespaces().stream().map(Namespace::name).toList();
  }

  @Test
  void refusedAndLostClientsLeaveNoNamespaceBehind() {
    settings.window = Duration.ZERO;
    again();
    trial
        .io
        .of(name -> name.startsWith("/p"))
        .use(_ -> {
          throw new ConnectRefusedException("no");
        });
    TestClient client = trial.client();
    for (int i = 0; i < 200; i++) {
      assertThat(client.send("40/p" + i + ",").next()).startsWith("44/p" + i + ",");
    }

    Awaitility.await().untilAsserted(() -> assertThat(names()).containsExactly("/"));
  }

  @Test
  void aConnectionIsInSoManyNamespacesAndNoMore() {
    settings.maxNamespaces = 50;
    again();
    trial.io.of(name -> name.startsWith("/p"));
    TestClient client = trial.client();
    String pid = "x".repeat(40);
    for (int i = 0; i < 5_000; i++) {
      client.send("40/p" + i + ",{\"pid\":\"" + pid + "\"}");
    }

    int in = 0;
    for (int i = 0; i < 5_000; i++) {
      String answer = client.next();
      if (answer.startsWith("40")) {
        in++;
      } else {
        assertThat(answer).endsWith(",{\"message\":\"Too many namespaces\"}");
      }
    }
    assertThat(in).isEqualTo(50);
    assertThat(names()).hasSize(51);
  }

  @Test
  void oddNamesAreNamesOrRefused() {
    trial.io.of(_ -> true);
    TestClient client = trial.client();
    for (String name :
        List.of(
            "/__proto__", "/constructor", "/é😀", "/a b", "/..", "/_", "/%2F", "/a/../b", "//")) {
      assertThat(client.connect(name, "").path("sid").isString()).as(name).isTrue();
      assertThat(client.send("41" + name + ",")).isNotNull();
    }
    assertThat(client.send("40/" + "x".repeat(400) + ",").next())
        .endsWith(",{\"message\":\"Invalid namespace\"}");
  }

  @Test
  void aNamespaceWithoutAnyPacketIsNoNamespaceOfTheClient() {
    trial.io.of("/a");
    assertThat(trial.connected().send("42/a,[\"e\"]").next()).startsWith("close");
    assertThat(trial.connected().send("41/a,").next()).startsWith("close");
    assertThat(trial.connected().send("43/a,1[]").next()).startsWith("close");
    assertThat(trial.connected().send("40").next()).as("twice").startsWith("close");
    assertThat(trial.connected().send("44{\"message\":\"x\"}").next()).startsWith("close");
    assertThat(trial.client().send("42[\"e\"]").next()).startsWith("close");
  }

  @Test
  void oneWhoNeverConnectsIsDropped() {
    settings.connectTimeout = Duration.ofMillis(100);
    again();

    assertThat(trial.client().next()).startsWith("close");
  }

  @Test
  void clientsOfRevision3AreInTheMainNamespaceAtOnceAndInOthersOnDemand() {
    trial
        .io
        .main()
        .onConnection(socket -> {
          socket.emit("hello", "main");
          socket.on("e", arguments -> arguments.ack().send(arguments));
        });
    trial
        .io
        .of("/a")
        .use(socket -> {
          if (socket.handshake().query().containsKey("refused")) {
            throw new ConnectRefusedException("no", "data");
          }
        });
    trial
        .io
        .of("/b")
        .use(_ -> {
          throw new ConnectRefusedException("no", Map.of("x", 1));
        });
    TestClient client = trial.client(3);

    assertThat(client.next()).isEqualTo("40");
    assertThat(client.next()).startsWith("42[\"hello\",\"main\"");
    assertThat(client.send("427[\"e\",1]").next()).isEqualTo("437[1]");
    assertThat(client.send("40/a?token=x,").next()).isEqualTo("40/a,");
    assertThat(client.send("40/b").next()).isEqualTo("44/b,{\"x\":1}");
    assertThat(client.send("40/c").next()).isEqualTo("44/c,\"Invalid namespace\"");
  }

  @Test
  void twoWhoDisconnectEachOthersNamespacesDoNotLockUp() throws Exception {
    trial.io.of("/a");
    trial.io.of("/b");
    for (int round = 0; round < 30; round++) {
      TestClient one = trial.client();
      TestClient two = trial.client();
      for (TestClient client : List.of(one, two)) {
        var _ = client.connect("/a", "");
        var _ = client.connect("/b", "");
      }
      Thread first = Thread.ofPlatform().start(() -> trial.io.of("/a").disconnectSockets(true));
      Thread second = Thread.ofPlatform().start(() -> trial.io.of("/b").disconnectSockets(true));
      first.join(20_000);
      second.join(20_000);
      Awaitility.await().until(() -> trial.io.connections() == 0);
    }
    assertThat(trial.io.of("/a").sockets()).isEmpty();
  }
}
