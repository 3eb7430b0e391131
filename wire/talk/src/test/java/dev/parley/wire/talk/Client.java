package dev.parley.wire.talk;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A client of the namespace over a WebSocket, as the protocol has it. Safe on any thread. */
final class Client implements WebSocket.Listener, AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String BEFORE = "/conversations,";

  private final WebSocket socket;
  private final CompletableFuture<JsonNode> connected = new CompletableFuture<>();
  private final Map<Long, CompletableFuture<JsonNode>> acks = new ConcurrentHashMap<>();
  private final List<ArrayNode> events = new CopyOnWriteArrayList<>();
  private final AtomicLong ids = new AtomicLong();
  private final StringBuilder text = new StringBuilder();
  private volatile boolean reads = true;

  /**
   * @param auth what it connects with
   */
  Client(int port, ObjectNode auth) {
    socket =
        HTTP.newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + port + "/socket.io/?EIO=4&transport=websocket"),
                this)
            .join();
    send("40" + BEFORE + auth);
  }

  static Client of(int port, String person) {
    Client client = new Client(port, JSON.createObjectNode().put("person", person));
    if (client.greeting().has("message")) {
      throw new AssertionError("refused: " + client.greeting());
    }
    return client;
  }

  /** What the server said to the connecting: an error has a message. */
  JsonNode greeting() {
    return connected.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private void send(String packet) {
    var _ = socket.sendText(packet, true).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      String packet = text.toString();
      text.setLength(0);
      onPacket(packet);
    }
    if (reads) {
      from.request(1);
    }
    return CompletableFuture.completedFuture(null);
  }

  private void onPacket(String packet) {
    if (packet.equals("2")) {
      var _ = socket.sendText("3", true);
    } else if (packet.startsWith("40" + BEFORE) || packet.startsWith("44" + BEFORE)) {
      connected.complete(JSON.readTree(packet.substring(2 + BEFORE.length())));
    } else if (packet.startsWith("42" + BEFORE)) {
      events.add((ArrayNode) JSON.readTree(packet.substring(2 + BEFORE.length())));
    } else if (packet.startsWith("43" + BEFORE)) {
      int array = packet.indexOf('[');
      long id = Long.parseLong(packet.substring(2 + BEFORE.length(), array));
      Objects.requireNonNull(acks.get(id)).complete(JSON.readTree(packet.substring(array)).get(0));
    }
  }

  /** Emits an event and gives its answer; arguments in JSON. */
  JsonNode ask(String event, String... arguments) {
    long id = ids.getAndIncrement();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    acks.put(id, answer);
    StringBuilder packet = new StringBuilder("42" + BEFORE + id + "[\"" + event + "\"");
    for (String argument : arguments) {
      packet.append(',').append(argument);
    }
    send(packet.append(']').toString());
    return answer.orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** Its answer, which is no error. */
  JsonNode must(String event, String... arguments) {
    JsonNode answer = ask(event, arguments);
    if (answer.has("error")) {
      throw new AssertionError(event + ": " + answer);
    }
    return answer;
  }

  /** The code of the error that it answers. */
  String refused(String event, String... arguments) {
    JsonNode error = ask(event, arguments).path("error");
    if (error.path("message").asString("").isEmpty() || !error.path("retry").isBoolean()) {
      throw new AssertionError(event + ": " + error);
    }
    return error.path("code").asString("");
  }

  /** All that came as an event: its arguments. */
  List<ArrayNode> came(String event) {
    return events.stream().filter(each -> each.path(0).asString("").equals(event)).toList();
  }

  /** Offsets of the events of a branch. */
  List<Long> offsets() {
    return came("conversation:event").stream()
        .map(each -> each.at("/2/offset").longValue())
        .toList();
  }

  /** The first argument of each event of a run. */
  List<JsonNode> ofRun(String run) {
    List<JsonNode> found = new ArrayList<>();
    came("run:event").stream()
        .filter(each -> each.at("/2/run").asString("").equals(run))
        .forEach(each -> found.add(each.path(1)));
    return found;
  }

  /** The last offset it has of a run, 0 for none. */
  long offsetOf(String run) {
    return came("run:event").stream()
        .filter(each -> each.at("/2/run").asString("").equals(run))
        .mapToLong(each -> each.at("/2/offset").longValue())
        .max()
        .orElse(0);
  }

  /** The words of a run so far. */
  String words(String run) {
    StringBuilder words = new StringBuilder();
    ofRun(run).forEach(each -> words.append(each.path("text").asString("")));
    return words.toString();
  }

  /** The state a run was in last. */
  String state(String run) {
    return ofRun(run).stream()
        .map(each -> each.path("state").asString(""))
        .filter(state -> !state.isEmpty())
        .reduce("", (_, last) -> last);
  }

  void awaitWords(String run, String words) {
    Awaitility.await().until(() -> words(run).equals(words));
  }

  void awaitState(String run, String state) {
    Awaitility.await().until(() -> state(run).equals(state));
  }

  /** Takes nothing from the network until {@link #readOn}. */
  void stopReading() {
    reads = false;
  }

  void readOn() {
    reads = true;
    socket.request(1);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
