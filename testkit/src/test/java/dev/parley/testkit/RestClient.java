package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks to a server's REST interface as one person. Safe on any thread; blocks. */
final class RestClient {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI server;

  /** An answer: what it says, and the text it says it in. */
  record Answer(int status, String text) {
    JsonNode json() {
      return JSON.readTree(text);
    }

    Answer expect(int expected) {
      assertThat(status).as(text).isEqualTo(expected);
      return this;
    }
  }

  RestClient(URI server) {
    this.server = server;
  }

  Answer get(String path) throws Exception {
    return send(HttpRequest.newBuilder(server.resolve(path)).header("accept", "application/json"));
  }

  Answer metrics(String accept) throws Exception {
    return send(HttpRequest.newBuilder(server.resolve("/metrics")).header("accept", accept));
  }

  Answer post(String path, String json) throws Exception {
    return send(
        HttpRequest.newBuilder(server.resolve(path))
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private Answer send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(answer.statusCode(), answer.body());
  }

  /** What is told of a run, from its beginning to its end. */
  List<JsonNode> follow(String run) throws Exception {
    HttpResponse<Stream<String>> answer =
        client.send(
            HttpRequest.newBuilder(server.resolve("/api/runs/" + run))
                .header("accept", "text/event-stream")
                .build(),
            HttpResponse.BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    try (Stream<String> lines = answer.body()) {
      return lines
          .filter(line -> line.startsWith("data:"))
          .map(line -> JSON.readTree(line.substring("data:".length())))
          .toList();
    }
  }
}
