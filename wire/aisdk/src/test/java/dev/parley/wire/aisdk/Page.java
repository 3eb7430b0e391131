package dev.parley.wire.aisdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code useChat} does in a page, by hand. The test's thread. */
final class Page implements AutoCloseable {
  static final JsonMapper JSON = JsonMapper.builder().build();

  private final ChatServer server;
  private final String chat;
  private final String person;
  private final HttpClient http = HttpClient.newHttpClient();

  Page(ChatServer server, String chat) {
    this(server, chat, "ada");
  }

  Page(ChatServer server, String chat, String person) {
    this.server = server;
    this.chat = chat;
    this.person = person;
  }

  /** A reply that is being read. */
  static final class Reply implements AutoCloseable {
    private final HttpResponse<Stream<String>> response;
    private final Iterator<String> lines;

    Reply(HttpResponse<Stream<String>> response) {
      this.response = response;
      this.lines = response.body().iterator();
    }

    int status() {
      return response.statusCode();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    String next() {
      while (lines.hasNext()) {
        String line = lines.next();
        if (line.startsWith("data: ")) {
          return line.substring(6);
        }
      }
      return "";
    }

    JsonNode chunk() {
      return JSON.readTree(next());
    }

    /** Up to a chunk that begins like this, with it. */
    List<String> until(String beginning) {
      List<String> chunks = new ArrayList<>();
      do {
        chunks.add(next());
        assertThat(chunks.getLast()).as("after %s", chunks).isNotEmpty();
      } while (!chunks.getLast().startsWith(beginning));
      return chunks;
    }

    /** All to the end; the last is [DONE]. */
    List<JsonNode> rest() {
      List<String> chunks = until("[DONE]");
      chunks.removeLast();
      assertThat(next()).isEmpty();
      return chunks.stream().map(JSON::readTree).toList();
    }

    @Override
    public void close() {
      response.body().close();
    }
  }

  static ObjectNode message(String id, String role, String text) {
    ObjectNode message = JSON.createObjectNode().put("id", id).put("role", role);
    message.putArray("parts").addObject().put("type", "text").put("text", text);
    return message;
  }

  ObjectNode body(String trigger, JsonNode... messages) {
    ObjectNode body = JSON.createObjectNode().put("id", chat).put("trigger", trigger);
    ArrayNode array = body.putArray("messages");
    for (JsonNode message : messages) {
      array.add(message);
    }
    return body;
  }

  Reply say(String id, String text) {
    return post(body("submit-message", message(id, "user", text)));
  }

  Reply post(ObjectNode body) {
    return send(
        HttpRequest.newBuilder(server.uri("/api/chat"))
            .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  Reply resume() {
    return get("/api/chat/" + chat + "/stream");
  }

  Reply get(String path) {
    return send(HttpRequest.newBuilder(server.uri(path)));
  }

  JsonNode json(String method, String path) {
    try (Reply reply =
        send(
            HttpRequest.newBuilder(server.uri(path))
                .method(method, HttpRequest.BodyPublishers.noBody()))) {
      StringBuilder text = new StringBuilder();
      reply.lines.forEachRemaining(text::append);
      return JSON.readTree(text.toString());
    }
  }

  JsonNode stop() {
    return json("POST", "/api/chat/" + chat + "/stop");
  }

  JsonNode messages() {
    return json("GET", "/api/chat/" + chat + "/messages").path("messages");
  }

  Reply send(HttpRequest.Builder request) {
    try {
      return new Reply(
          http.send(
              request.header("parley-person", person).build(),
              HttpResponse.BodyHandlers.ofLines()));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The text of a reply that is complete. */
  static String text(List<JsonNode> chunks) {
    StringBuilder text = new StringBuilder();
    for (JsonNode chunk : chunks) {
      if (chunk.path("type").asString("").equals("text-delta")) {
        text.append(chunk.path("delta").stringValue());
      }
    }
    return text.toString();
  }

  static List<String> types(List<JsonNode> chunks) {
    return chunks.stream().map(chunk -> chunk.path("type").asString("")).toList();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
