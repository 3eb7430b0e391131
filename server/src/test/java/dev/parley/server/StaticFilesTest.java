package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.server.StaticFiles.Folder;
import dev.parley.server.StaticFiles.Resource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {
  private static final Folder PAGES = Folder.beside(StaticFilesTest.class, "pages");

  private final StaticFiles files = new StaticFiles(Map.of("/chat/", PAGES));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "a.js",
        "/../secret.txt",
        "/a/../../b.js",
        "/./index.html",
        "/.hidden.txt",
        "/a/.git/config.txt",
        "//etc/passwd.txt",
        "/a//b.js",
        "/a\\..\\b.js",
        "/dev",
        "/a/",
        "/index.html/",
        "/webjars/../../MANIFEST.MF",
        "/socket.io/../../MANIFEST.MF",
        "/chat/../secret.txt",
        "/chat//index.html",
        "/chat/.hidden.txt",
        "/%2e%2e/a.js",
        "/a\u0000.js",
      })
  void pathsThatMightLeadElsewhereNameNothing(String path) {
    assertThat(files.resource(path)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "/, dev/parley/console/static/, index.html",
    "/app.js, dev/parley/console/static/, app.js",
    "/webjars/lit-html/3.3.2/directives/repeat.js, META-INF/resources/webjars/,"
        + " lit-html/3.3.2/directives/repeat.js",
    "/socket.io/socket.io.min.js, dev/parley/server/stock-client/, socket.io.min.js",
    "/chat/, dev/parley/server/pages/, index.html",
    "/chat/img/cat.png, dev/parley/server/pages/, img/cat.png",
    "/chatter/cat.png, dev/parley/console/static/, chatter/cat.png",
  })
  void filesAreFoundWhereTheyWerePackaged(String path, String folder, String name) {
    assertThat(files.resource(path)).isEqualTo(new Resource(Folder.ours(folder), name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "chat", "/chat/", "//", "/../x", "/.well-known"})
  void addressesThatAreNoneAreRefused(String address) {
    assertThatThrownBy(() -> StaticFiles.address(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("address: " + address + " (expected: ");
  }

  @Test
  void aProgramsPagesAreServedAtTheirAddressWithTheHeadersOfOurs() throws Exception {
    try (ParleyServer server =
            ParleyServer.builder()
                .port(0)
                .inMemory()
                .pages("/chat", StaticFilesTest.class, "pages")
                .start();
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> page = get(client, server, "/chat/");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("<title>Pages</title>");
      assertThat(page.headers().firstValue("content-security-policy"))
          .contains(StaticFiles.CONTENT_SECURITY_POLICY);

      HttpResponse<String> bare = get(client, server, "/chat");
      assertThat(bare.statusCode()).isEqualTo(308);
      assertThat(bare.headers().firstValue("location")).contains("/chat/");

      assertThat(get(client, server, "/chat/none.js").statusCode()).isEqualTo(404);
      assertThat(get(client, server, "/").body()).contains("<title>Parley</title>");
    }
  }

  @Test
  void theStockClientIsServedToPagesFromAnywhereAndOnlyOnce() throws Exception {
    try (ParleyServer server = ParleyServer.builder().port(0).inMemory().start();
        HttpClient client = HttpClient.newHttpClient()) {
      String[] another = {"sec-fetch-site", "cross-site", "sec-fetch-mode", "no-cors"};
      for (String name : new String[] {"js", "min.js", "esm.min.js"}) {
        HttpResponse<String> script = get(client, server, "/socket.io/socket.io." + name, another);
        assertThat(script.statusCode()).isEqualTo(200);
        assertThat(script.body()).startsWith("/*!\n * Socket.IO v4.8.");
        assertThat(script.headers().firstValue("content-type"))
            .contains("text/javascript; charset=utf-8");
        assertThat(script.headers().firstValue("cross-origin-resource-policy"))
            .contains("cross-origin");

        String tag = script.headers().firstValue("etag").orElseThrow();
        HttpResponse<String> again =
            get(client, server, "/socket.io/socket.io." + name, "if-none-match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(get(client, server, "/socket.io/socket.io." + name + ".map").body())
            .startsWith("{\"version\":3");
      }
      assertThat(get(client, server, "/socket.io/socket.io.none.js").statusCode()).isEqualTo(404);
      assertThat(get(client, server, "/socket.io/?EIO=4&transport=polling").body())
          .startsWith("0{\"sid\":");
    }
  }

  private static HttpResponse<String> get(
      HttpClient client, ParleyServer server, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
