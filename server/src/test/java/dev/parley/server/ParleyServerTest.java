package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class ParleyServerTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @AutoClose private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void theConsolesAddressesShowWhatWasWritten() throws Exception {
    try (ParleyServer server = open().start()) {
      write(server, "PUT", "chat/a", "");
      write(server, "POST", "chat/a", "[{\"n\":1},{\"n\":2}]");
      write(server, "PUT", "chat/b", "");
      write(server, "PUT", "other", "");

      JsonNode page = json(get(server, "/api/streams?prefix=chat/&limit=1"));
      assertThat(page.get("streams").get(0).get("path").stringValue()).isEqualTo("chat/a");
      assertThat(page.get("streams").get(0).get("tail").intValue()).isEqualTo(2);
      assertThat(page.get("next").stringValue()).isEqualTo("chat/a");
      JsonNode rest = json(get(server, "/api/streams?prefix=chat/&limit=1&after=chat/a"));
      assertThat(rest.get("streams").get(0).get("path").stringValue()).isEqualTo("chat/b");
      assertThat(rest.get("next").isNull()).isTrue();
      JsonNode messages = json(get(server, "/api/messages?path=chat/a&after=1"));
      assertThat(messages.get("messages").get(0).get("text").stringValue()).isEqualTo("{\"n\":2}");
      JsonNode offset = json(get(server, "/api/offset?path=chat/a&at=2100-01-01T00:00:00Z"));
      assertThat(offset.get("offset").intValue()).isEqualTo(2);
      assertThat(json(get(server, "/api/streams/chat/a")).get("nextOffset"))
          .isEqualTo(offset.get("token"));
      JsonNode node = json(get(server, "/api/node"));
      assertThat(node.get("latency").get("fanOut").has("p999")).isTrue();
      assertThat(node.get("authRequired").booleanValue()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/api/nothing, 404",
    "/api/messages, 400",
    "/api/messages?path=missing, 404",
    "/api/messages?path=a&after=-1, 400",
    "/api/streams?limit=many, 400",
    "/api/offset?path=a&at=yesterday, 400",
    "/api/streams/missing, 404",
    "/nothing.js, 404",
    "/health/other, 404",
    "/health/ready, 200",
    "/health/live, 200",
    "/metrics, 200",
    "/, 200",
  })
  void everyAddressAnswers(String target, int status) throws Exception {
    try (ParleyServer server = open().start()) {
      assertThat(get(server, target).statusCode()).isEqualTo(status);
    }
  }

  @Test
  void consoleFilesAreCheckedByTheirTagAndLockedDown() throws Exception {
    try (ParleyServer server = open().start()) {
      HttpResponse<String> first = get(server, "/");
      assertThat(first.headers().firstValue("content-security-policy").orElseThrow())
          .contains("default-src 'self'");
      assertThat(first.headers().firstValue("x-content-type-options")).contains("nosniff");
      HttpResponse<String> again =
          get(server, "/", "if-none-match", first.headers().firstValue("etag").orElseThrow());
      assertThat(again.statusCode()).isEqualTo(304);
    }
  }

  @Test
  void followersAreToldToComeBackAndTheDrainEnds() throws Exception {
    try (ParleyServer server = open().start()) {
      write(server, "PUT", "chat/a", "");
      write(server, "POST", "chat/a", "[1]");
      HttpResponse<Stream<String>> following =
          client.send(
              HttpRequest.newBuilder(server.uri().resolve("/v1/stream/chat/a?offset=-1&live=sse"))
                  .build(),
              BodyHandlers.ofLines());
      try (Stream<String> body = following.body()) {
        Iterator<String> lines = body.iterator();
        while (!lines.next().contains("[1]")) {}
        server.drain();
        lines.forEachRemaining(rest -> assertThat(rest).doesNotContain("[1]"));
      }
      assertThatThrownBy(() -> get(server, "/health/ready")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatWasStoredIsThereAfterARestart(@TempDir Path data) throws Exception {
    try (ParleyServer server = ParleyServer.builder().port(0).data(data).start()) {
      write(server, "PUT", "chat/a", "");
      write(server, "POST", "chat/a", "[1,2]");
      server.drain();
    }
    try (ParleyServer server = ParleyServer.builder().port(0).data(data).start()) {
      assertThat(get(server, "/v1/stream/chat/a?offset=-1").body()).isEqualTo("[1,2]");
    }
  }

  @Test
  void aPortInUseIsNamedAndNothingStaysOpen(@TempDir Path data) throws Exception {
    try (ParleyServer server = open().start()) {
      assertThatThrownBy(() -> ParleyServer.builder().port(server.port()).data(data).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(server.port()));
    }
    try (ParleyServer again = ParleyServer.builder().port(0).data(data).start()) {
      assertThat(again.port()).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "localhost, none, none, 200",
        "127.0.0.1, none, none, 200",
        "[::1], none, none, 200",
        "evil.example, none, none, 421",
        "localhost.evil.example, none, none, 421",
        "127.0.0.1.evil.example, none, none, 421",
        "localhost, http://evil.example, none, 403",
        "localhost, null, none, 403",
        "localhost, none, cross-site, 403",
        "localhost, none, same-origin, 200",
      })
  void withoutKeysForeignNamesAndPagesAreRefused(
      String host, String origin, String site, int status) throws Exception {
    try (ParleyServer server = open().start()) {
      String answer =
          raw(
              server,
              "GET /api/node HTTP/1.1\r\nhost: "
                  + host
                  + ":"
                  + server.port()
                  + "\r\n"
                  + (origin == null ? "" : "origin: " + origin + "\r\n")
                  + (site == null ? "" : "sec-fetch-site: " + site + "\r\n")
                  + "connection: close\r\n\r\n");
      assertThat(answer).startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void allowedPagesMayReadAnswersAndOthersMayNot() throws Exception {
    try (ParleyServer server = open().set("access.allow-origins", "https://app.example").start()) {
      HttpResponse<String> mine = get(server, "/api/node", "origin", "https://app.example");
      assertThat(mine.statusCode()).isEqualTo(200);
      assertThat(mine.headers().firstValue("access-control-allow-origin"))
          .contains("https://app.example");
      assertThat(mine.headers().allValues("vary")).contains("Origin");
      HttpResponse<String> preflight =
          client.send(
              HttpRequest.newBuilder(server.uri().resolve("/v1/stream/a"))
                  .method("OPTIONS", BodyPublishers.noBody())
                  .header("origin", "https://evil.example")
                  .header("access-control-request-method", "GET")
                  .build(),
              BodyHandlers.ofString());
      assertThat(preflight.statusCode()).isEqualTo(204);
      assertThat(preflight.headers().firstValue("access-control-allow-origin")).isEmpty();
      assertThat(preflight.headers().firstValue("access-control-allow-headers").orElseThrow())
          .contains("if-none-match");
    }
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, GET, /v1/stream/chat/a, 401",
        "read, GET, /v1/stream/chat/a, 200",
        "read, POST, /v1/stream/chat/a, 403",
        "append, POST, /v1/stream/chat/a, 204",
        "append, GET, /v1/stream/chat/a, 403",
        "delete, DELETE, /v1/stream/chat/a, 204",
        "create, DELETE, /v1/stream/chat/a, 403",
        "read, GET, /v1/stream/other, 403",
        "read, GET, /api/node, 403",
        "read, GET, /metrics, 403",
        "none, GET, /metrics, 401",
        "none, GET, /health/ready, 200",
        "none, GET, /, 200",
        "none, GET, /v1/stream/__ds/jwks.json, 200",
        "none, PUT, /v1/stream/__ds/subscriptions/s, 401",
      })
  void withKeysATokenDecides(String right, String method, String target, int status)
      throws Exception {
    try (ParleyServer server = open().set("access.secret", SECRET).start()) {
      send(server, token("admin", "**"), "PUT", "/v1/stream/chat/a");
      String token = right == null ? null : token(right, "chat/*");
      HttpResponse<String> answer = send(server, token, method, target);
      assertThat(answer.statusCode()).isEqualTo(status);
      if (status == 401) {
        assertThat(answer.headers().firstValue("www-authenticate").orElseThrow())
            .startsWith("Bearer realm=\"parley\"");
      }
    }
  }

  @Test
  void aTokenMayComeInTheQueryAndTheListShowsWhatItMayRead() throws Exception {
    try (ParleyServer server = open().set("access.secret", SECRET).start()) {
      send(server, token("admin", "**"), "PUT", "/v1/stream/chat/a");
      send(server, token("admin", "**"), "PUT", "/v1/stream/secret/b");
      HttpResponse<String> list =
          get(server, "/api/streams?access_token=" + token("read", "chat/*"));
      assertThat(list.body()).contains("chat/a").doesNotContain("secret/b");
      HttpResponse<String> wrong = get(server, "/api/streams?access_token=nonsense");
      assertThat(wrong.statusCode()).isEqualTo(401);
      assertThat(wrong.headers().firstValue("www-authenticate").orElseThrow())
          .contains("error=\"invalid_token\"");
    }
  }

  @Test
  void whatATokenOpensIsNotForSharedCachesEvenWithoutASubject() throws Exception {
    try (ParleyServer server = open().set("access.secret", SECRET).start()) {
      send(server, token("admin", "**"), "PUT", "/v1/stream/chat/a");
      send(server, token("admin", "**"), "POST", "/v1/stream/chat/a");
      HttpResponse<String> read =
          send(server, token("read", "chat/*"), "GET", "/v1/stream/chat/a?offset=-1");
      assertThat(read.statusCode()).isEqualTo(200);
      assertThat(read.headers().firstValue("cache-control").orElse("")).doesNotContain("public");
    }
  }

  @Test
  void metricsSpeakBothFormats() throws Exception {
    try (ParleyServer server = open().start()) {
      assertThat(get(server, "/metrics").headers().firstValue("content-type").orElseThrow())
          .startsWith("text/plain; version=0.0.4");
      HttpResponse<String> open =
          get(server, "/metrics", "accept", "application/openmetrics-text;version=1.0.0");
      assertThat(open.headers().firstValue("content-type").orElseThrow())
          .startsWith("application/openmetrics-text; version=1.0.0");
      assertThat(open.body()).endsWith("# EOF\n");
    }
  }

  private static ParleyServer.Builder open() {
    return ParleyServer.builder().port(0).inMemory().set("server.drain-patience", "5s");
  }

  private static String token(String right, String pattern) {
    return Tokens.mint(
        SECRET.getBytes(StandardCharsets.UTF_8),
        null,
        null,
        null,
        Map.of(right, List.of(pattern)),
        Duration.ofMinutes(5),
        InstantSource.system());
  }

  private HttpResponse<String> send(
      ParleyServer server, @Nullable String token, String method, String target) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri().resolve(target))
            .header("content-type", "application/json")
            .method(method, BodyPublishers.ofString(method.equals("POST") ? "[1]" : ""));
    if (token != null) {
      request.header("authorization", "Bearer " + token);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private void write(ParleyServer server, String method, String path, String json)
      throws Exception {
    URI stream = server.uri().resolve("/v1/stream/" + path);
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(stream)
                .method(method, BodyPublishers.ofString(json))
                .header("content-type", "application/json")
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isBetween(200, 204);
  }

  private HttpResponse<String> get(ParleyServer server, String target, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.uri().resolve(target));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static String raw(ParleyServer server, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
