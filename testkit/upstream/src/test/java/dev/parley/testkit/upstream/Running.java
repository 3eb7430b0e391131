package dev.parley.testkit.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** An upstream in this process, and requests for it. Owned by the test's thread. */
final class Running implements AutoCloseable {
  private final UpstreamServer server;

  Running() throws IOException {
    var config = new UpstreamServer.Config("127.0.0.1", 0, 1, 1_000_000, 100);
    server = UpstreamServer.start(config, RequestLog.none());
  }

  InetSocketAddress address() {
    return server.address();
  }

  Raw connect() throws IOException {
    return new Raw(address());
  }

  /** One request over a connection of its own. */
  Raw.Answer ask(String path, String body) throws IOException {
    try (Raw raw = connect()) {
      return raw.post(path, body).read();
    }
  }

  JsonNode stats() throws IOException {
    try (Raw raw = connect()) {
      return Json.MAPPER.readTree(raw.get("/stats").read().body());
    }
  }

  List<String> left() throws IOException {
    try (Raw raw = connect()) {
      return raw.get("/stats/left").read().body().lines().toList();
    }
  }

  static String chat(String model) {
    return chat(model, "{\"role\":\"user\",\"content\":\"Hello\"}");
  }

  static String chat(String model, String messages) {
    return "{\"model\":" + Json.quote(model) + ",\"stream\":true,\"messages\":[" + messages + "]}";
  }

  static String responses(String model) {
    return "{\"model\":" + Json.quote(model) + ",\"stream\":true,\"input\":\"Hello\"}";
  }

  static String whole(String streaming) {
    return streaming.replace("\"stream\":true", "\"stream\":false");
  }

  /** The text of the deltas of chat completions. */
  static String chatText(Raw.Answer answer) {
    StringBuilder text = new StringBuilder();
    for (String data : answer.data()) {
      if (!data.equals("[DONE]")) {
        JsonNode delta = Json.MAPPER.readTree(data).path("choices").path(0).path("delta");
        text.append(delta.path("content").asString(""));
      }
    }
    return text.toString();
  }

  static List<Integer> numbers(String text) {
    return Token.parse(text).stream().map(Token::number).toList();
  }

  @Override
  public void close() {
    server.close();
  }
}
