package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Caller;
import dev.parley.socketio.Socket;
import dev.parley.stream.Append;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Rooms that are streams, and the events that the server answers itself. */
@Timeout(60)
final class StreamRoomsTest {
  private final Trial.Settings settings = new Trial.Settings();
  private Trial trial;

  StreamRoomsTest() {
    settings.rooms = List.of(new RoomBinding("/", "chat-*", "chat/*", "said"));
    trial = new Trial(settings);
  }

  @AfterEach
  void close() {
    trial.close();
  }

  private void again() {
    trial.close();
    settings.store = new dev.parley.stream.MemoryStore();
    trial = new Trial(settings);
  }

  private void create(String path) {
    var _ = trial.hub.create(StreamPath.of(path), StreamSpec.of("application/json")).join();
  }

  private void append(String path, String... json) {
    byte[][] payloads =
        Arrays.stream(json)
            .map(each -> each.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    var _ = trial.hub.append(StreamPath.of(path), Append.of(payloads)).join();
  }

  private List<String> stream(String path) {
    return trial
        .hub
        .read(StreamPath.of(path), 0, 100, 1 << 20)
        .join()
        .orElseThrow()
        .messages()
        .stream()
        .map(message -> new String(message.bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  /** What the server answers to an event of its own. */
  private static JsonNode ask(TestClient client, String event) {
    String answer = client.send("421[" + event + "]").next();
    assertThat(answer).startsWith("431[");
    return TestClient.json(answer.substring(3)).get(0);
  }

  private static String error(JsonNode answer) {
    return answer.path("error").path("code").asString();
  }

  // --- rooms

  @Test
  void whatIsSentToABoundRoomIsInItsStreamAndWhatIsAppendedIsHeard() {
    BlockingQueue<Socket> connected = trial.connections("/");
    TestClient client = trial.connected();
    Socket socket = Trial.next(connected);
    socket.join("chat-1", "other");

    trial.io.main().to("chat-1", "other").emit("said", Map.of("text", "hi"));
    trial.io.main().to("chat-1").emit("several", 1, "x");

    List<String> heard = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      heard.add(client.event().get(0).stringValue());
    }
    assertThat(heard).containsExactlyInAnyOrder("said", "said", "several");
    assertThat(stream("chat/1")).containsExactly("{\"text\":\"hi\"}", "[1,\"x\"]");
    append("chat/1", "{\"from\":\"http\"}", "[2]");
    JsonNode first = client.event();
    assertThat(first.get(0).stringValue()).isEqualTo("said");
    assertThat(first.get(1).path("from").stringValue()).isEqualTo("http");
    assertThat(client.event().get(1).toString()).isEqualTo("[2]");
  }

  @Test
  void senderAndExceptedDoNotHearWhatTheySendToAStream() {
    BlockingQueue<Socket> connected = trial.connections("/");
    TestClient one = trial.connected();
    Socket first = Trial.next(connected);
    TestClient two = trial.connected();
    Trial.next(connected).join("chat-1");
    first.join("chat-1");

    first.to("chat-1").emit("said", 1);
    trial.io.main().to("chat-1").emit("said", 2);

    assertThat(two.events(2)).containsExactly("1", "2");
    assertThat(one.events(1)).containsExactly("2");
  }

  @Test
  void aMessageThatNoEventCanSayIsLeftOut() {
    BlockingQueue<Socket> connected = trial.connections("/");
    create("deep");
    TestClient client = trial.connected();
    Trial.next(connected).join("chat-1");
    var _ = ask(client, "\"parley:subscribe\",\"deep\"");

    append("deep", "[".repeat(5_000) + "]".repeat(5_000));
    append("deep", "1");

    assertThat(client.events(1)).containsExactly("1");
    TestClient other = trial.connected();
    other.send("421[\"parley:subscribe\",\"deep\",{\"from\":0}]");
    assertThat(other.events(1)).containsExactly("1");
  }

  // --- built in

  @Test
  void aStreamIsReplayedFromAnOffsetOrATime() {
    create("log");
    append("log", "1", "2", "3");
    TestClient client = trial.connected();

    client.send("421[\"parley:subscribe\",\"log\",{\"from\":1}]");

    for (int n = 2; n <= 3; n++) {
      JsonNode event = client.event();
      assertThat(event.get(0).stringValue()).isEqualTo("parley:message");
      assertThat(event.get(1).intValue()).isEqualTo(n);
      assertThat(event.get(2).path("stream").stringValue()).isEqualTo("log");
      assertThat(event.get(2).path("offset").longValue()).isEqualTo(n);
    }
    assertThat(client.next()).startsWith("431[{").contains("\"offset\":3");
    append("log", "4");
    assertThat(client.events(1)).containsExactly("4");
    var _ = ask(client, "\"parley:unsubscribe\",\"log\"");
    append("log", "5");
    String past = Instant.now().minus(Duration.ofHours(1)).toString();
    client.send("421[\"parley:subscribe\",\"log\",{\"from\":\"" + past + "\"}]");
    assertThat(client.events(5)).containsExactly("1", "2", "3", "4", "5");
    assertThat(client.next()).startsWith("431[");
  }

  @Test
  void whatMakesNoSenseIsAnsweredWithACode() {
    create("log");
    append("log", "1");
    TestClient client = trial.connected();

    assertThat(error(ask(client, "\"parley:subscribe\""))).isEqualTo("bad_request");
    assertThat(error(ask(client, "\"parley:subscribe\",7"))).isEqualTo("bad_request");
    assertThat(error(ask(client, "\"parley:subscribe\",\"a//b\""))).isEqualTo("bad_request");
    assertThat(error(ask(client, "\"parley:subscribe\",\"none\""))).isEqualTo("not_found");
    assertThat(error(ask(client, "\"parley:subscribe\",\"__ds/socketio/log/_\"")))
        .isEqualTo("forbidden");
    for (String from : List.of("-1", "1.5", "\"yesterday\"", "{}", "99", "1e30")) {
      assertThat(error(ask(client, "\"parley:subscribe\",\"log\",{\"from\":" + from + "}")))
          .as(from)
          .isEqualTo("bad_request");
    }
    assertThat(error(ask(client, "\"parley:publish\",\"log\""))).isEqualTo("bad_request");
    assertThat(error(ask(client, "\"parley:presence\",null"))).isEqualTo("bad_request");
    assertThat(error(ask(client, "\"parley:whatever\",\"log\""))).isEqualTo("unknown_event");
    append("log", "2");
    assertThat(
            ask(client, "\"parley:publish\",\"log\",{\"__proto__\":1}").path("offset").intValue())
        .as("nobody was subscribed by mistake")
        .isEqualTo(3);
  }

  @Test
  void theTokenSaysWhatIsAllowed() {
    settings.identity = token -> CompletableFuture.completedFuture(new Holder(token));
    again();
    create("open/a");
    create("closed/a");
    TestClient client = trial.client();
    assertThat(client.send("40").next()).startsWith("44{\"message\":\"access token: none");
    var _ = client.connect("/", "{\"token\":\"open/\"}");

    assertThat(ask(client, "\"parley:subscribe\",\"open/a\"").path("offset").intValue()).isZero();
    assertThat(ask(client, "\"parley:subscribe\",\"closed/a\"").toString())
        .isEqualTo(
            "{\"error\":{\"code\":\"forbidden\","
                + "\"message\":\"the token has no right to read closed/a\",\"retry\":false}}");
    assertThat(error(ask(client, "\"parley:publish\",\"closed/a\",1"))).isEqualTo("forbidden");
    assertThat(error(ask(client, "\"parley:presence\",\"closed/a\""))).isEqualTo("forbidden");
    assertThat(error(ask(client, "\"parley:publish\",\"open/new\",1"))).isEqualTo("not_found");
    append("closed/a", "1");
    client.send("42[\"parley:publish\",\"open/a\",\"x\"]");
    assertThat(client.events(1)).containsExactly("x");
  }

  /** May read and append below one path, and nothing else. */
  private record Holder(String prefix) implements Caller {
    @Override
    public boolean may(Right right, StreamPath path) {
      return path.value().startsWith(prefix) && (right == Right.READ || right == Right.APPEND);
    }

    @Override
    public boolean mayAdministrate() {
      return false;
    }

    @Override
    public @Nullable String subject() {
      return "ann";
    }

    @Override
    public long expiresAt() {
      return Long.MAX_VALUE;
    }
  }

  @Test
  void aStreamThatTakesThePlaceOfAnotherIsHeardFromItsStart() {
    create("log");
    append("log", "1", "2", "3");
    TestClient client = trial.connected();
    var _ = ask(client, "\"parley:subscribe\",\"log\"");
    append("log", "4");
    assertThat(client.events(1)).containsExactly("4");

    var _ = trial.hub.delete(StreamPath.of("log")).join();
    create("log");
    TestClient other = trial.connected();
    assertThat(ask(other, "\"parley:subscribe\",\"log\"").path("offset").intValue()).isZero();
    append("log", "\"new\"");

    assertThat(client.events(1)).containsExactly("new");
    assertThat(other.events(1)).containsExactly("new");
  }

  @Test
  void subscribersLoseAndDoubleNothingWhileOthersAppend() throws InterruptedException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      String path = "log/" + round;
      create(path);
      int total = 300;
      int batch = 1 + random.nextInt(4);
      Thread writer =
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 1; n <= total; n += batch) {
                  String[] some = new String[Math.min(batch, total - n + 1)];
                  for (int i = 0; i < some.length; i++) {
                    some[i] = String.valueOf(n + i);
                  }
                  append(path, some);
                }
              });
      List<TestClient> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        TestClient client = trial.connected();
        clients.add(client);
        client.send("421[\"parley:subscribe\",\"" + path + "\",{\"from\":0}]");
      }
      for (TestClient client : clients) {
        int next = 1;
        boolean answered = false;
        while (next <= total || !answered) {
          String packet = client.next();
          if (packet.startsWith("431")) {
            answered = true;
          } else {
            JsonNode event = TestClient.json(packet.substring(2));
            assertThat(event.get(1).intValue()).as("seed %d", seed).isEqualTo(next++);
          }
        }
        client.close();
      }
      writer.join();
    }
  }

  @Test
  void aSubscriptionThatWaitsForAnothersAdmissionMissesNothing() {
    trial.close();
    GroupingStore store = new GroupingStore();
    settings.store = store;
    trial = new Trial(settings);
    create("log");
    create("other");
    append("log", "1");
    TestClient client = trial.connected();
    CompletableFuture<?> admission = new CompletableFuture<>();
    store.keepSessionsAfter(admission);
    var _ = trial.client().send("40");

    client.send("421[\"parley:subscribe\",\"log\",{\"from\":0}]");
    for (int i = 1; i <= 10; i++) { // by then the server is as far as it gets
      client.send("42[\"parley:publish\",\"other\",0]");
      int published = i;
      Awaitility.await().until(() -> stream("other").size() == published);
    }
    append("log", "2");
    admission.complete(null);

    List<String> heard = new ArrayList<>();
    for (boolean answered = false; !answered; ) {
      String packet = client.next();
      answered = packet.startsWith("431");
      if (!answered) {
        heard.add(TestClient.json(packet.substring(2)).get(1).asString());
      }
    }
    append("log", "3");
    heard.addAll(client.events(3 - heard.size()));
    assertThat(heard).containsExactly("1", "2", "3");
  }

  // --- presence

  @Test
  void whoComesAndGoesIsToldAndAShortDisconnectIsNoLeave() {
    settings.presenceGrace = Duration.ofMillis(300);
    again();
    trial.io.main().use(socket -> socket.data().put("presence", Map.of("name", "n")));
    create("room");
    TestClient watcher = trial.connected();
    assertThat(ask(watcher, "\"parley:presence\",\"room\"").path("present").isEmpty()).isTrue();
    TestClient guest = trial.client();
    JsonNode granted = guest.connect("/", "");
    String sid = granted.path("sid").stringValue();
    var _ = ask(guest, "\"parley:subscribe\",\"room\"");

    JsonNode joined = watcher.event();
    assertThat(joined.get(0).stringValue()).isEqualTo("parley:joined");
    assertThat(joined.get(1).path("id").stringValue()).isEqualTo(sid);
    assertThat(joined.get(1).path("data").path("name").stringValue()).isEqualTo("n");
    guest.close();
    TestClient back = trial.client();
    var _ = back.connect("/", "{\"pid\":\"" + granted.path("pid").stringValue() + "\"}");
    assertThat(ask(watcher, "\"parley:presence\",\"room\"").path("present").size()).isEqualTo(1);
    back.close();
    JsonNode left = watcher.event();
    assertThat(left.get(0).stringValue()).as("after the grace, once").isEqualTo("parley:left");
    assertThat(left.get(1).path("id").stringValue()).isEqualTo(sid);
  }

  @Test
  void aWatcherThatComesBackHearsWhoHasLeftMeanwhile() {
    create("room");
    TestClient watcher = trial.client();
    String pid = watcher.connect("/", "").path("pid").stringValue();
    TestClient guest = trial.connected();
    var _ = ask(guest, "\"parley:subscribe\",\"room\"");
    assertThat(ask(watcher, "\"parley:presence\",\"room\"").path("present").size()).isEqualTo(1);
    watcher.close();
    org.awaitility.Awaitility.await().until(() -> trial.io.main().sockets().size() == 1);

    var _ = ask(guest, "\"parley:unsubscribe\",\"room\"");

    TestClient back = trial.client();
    var _ = back.connect("/", "{\"pid\":\"" + pid + "\"}");
    assertThat(back.event().get(0).stringValue()).isEqualTo("parley:left");
    var _ = ask(guest, "\"parley:subscribe\",\"room\"");
    assertThat(back.event().get(0).stringValue()).isEqualTo("parley:joined");
  }
}
