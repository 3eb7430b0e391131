package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class SocketsApiTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @AutoClose private final HttpClient client = HttpClient.newHttpClient();

  private static ParleyServer.Builder open() {
    return ParleyServer.builder().port(0).inMemory();
  }

  private HttpResponse<String> ask(ParleyServer server, String method, String target)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri().resolve(target))
            .method(method, BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/sockets, 200",
    "GET, /api/sockets/rooms?namespace=/, 200",
    "GET, /api/sockets/list?namespace=/, 200",
    "GET, /api/sockets/list?namespace=/nobody, 200",
    "GET, /api/sockets/events, 200",
    "GET, /api/sockets/rooms, 400",
    "GET, /api/sockets/list?namespace=/&after=elsewhere, 400",
    "GET, /api/sockets/rooms?namespace=/&after=elsewhere, 400",
    "GET, /api/sockets/list?namespace=/&limit=100000, 400",
    "GET, /api/sockets/events?after=-1, 400",
    "POST, /api/sockets, 405",
    "GET, /api/sockets/disconnect?namespace=/&id=x, 405",
    "POST, /api/sockets/disconnect?namespace=/&id=x, 404",
    "POST, /api/sockets/disconnect?namespace=/nobody&id=x, 404",
    "POST, /api/sockets/disconnect?namespace=/, 400",
    "GET, /api/sockets/nothing, 404",
  })
  void everyAddressAnswers(String method, String target, int status) throws Exception {
    try (ParleyServer server = open().start()) {
      assertThat(ask(server, method, target).statusCode()).isEqualTo(status);
    }
  }

  @Test
  void aServerWithoutClientsHasItsNamespacesAndNobodyInThem() throws Exception {
    try (ParleyServer server =
        open().set("socketio-admin.enabled", "true").socketIo(io -> io.of("/chat")).start()) {
      JsonNode found = JSON.readTree(ask(server, "GET", "/api/sockets").body());
      assertThat(found.get("connections").intValue()).isZero();
      assertThat(found.get("namespaces").findValuesAsString("name"))
          .containsExactly("/", "/admin", "/chat", "/conversations");
      assertThat(found.get("pressure").propertyNames())
          .containsExactly(
              "waited",
              "conflated",
              "dropped",
              "gaps",
              "disconnected",
              "overflowed",
              "refused",
              "flooded");
      assertThat(found.get("pressure").get("refused").longValue()).isZero();
    }
  }

  @Test
  void itNeedsTheRightAdmin() throws Exception {
    try (ParleyServer server =
        open().set("access.secret", "0123456789abcdef0123456789abcdef").start()) {
      assertThat(ask(server, "GET", "/api/sockets").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void theAdminUiNeedsALoginBeyondThisMachine() {
    assertThat(
            catchThrowable(() ->
                open()
                    .host("0.0.0.0")
                    .set("server.insecure", "true")
                    .set("socketio-admin.enabled", "true")
                    .start()))
        .hasMessageContaining("socketio-admin.username: none");
  }
}
