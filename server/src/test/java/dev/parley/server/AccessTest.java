package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@SuppressWarnings("JavaUtilDate") // the library's
class AccessTest {
  @AutoClose private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void aPublishedKeySetDecidesAndIsFetchedOnce() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    byte[] set = new JWKSet(key).toString(true).getBytes(StandardCharsets.UTF_8);
    AtomicInteger fetched = new AtomicInteger();
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/keys",
        exchange -> {
          fetched.incrementAndGet();
          exchange.sendResponseHeaders(200, set.length);
          exchange.getResponseBody().write(set);
          exchange.close();
        });
    issuer.start();
    try (ParleyServer server =
        ParleyServer.builder()
            .port(0)
            .inMemory()
            .set("access.jwks-url", "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys")
            .start()) {
      assertThat(put(server, signed(key), "a").statusCode()).isEqualTo(201);
      assertThat(put(server, signed(key), "b").statusCode()).isEqualTo(201);
      ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
      assertThat(put(server, signed(stranger), "c").statusCode()).isEqualTo(401);
      assertThat(fetched).hasValue(1);
    } finally {
      issuer.stop(0);
    }
  }

  @Test
  void aKeySetThatCannotBeFetchedLetsNobodyIn() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    try (ParleyServer server =
        ParleyServer.builder()
            .port(0)
            .inMemory()
            .set("access.jwks-url", "http://127.0.0.1:1/keys")
            .start()) {
      assertThat(put(server, signed(key), "a").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void aSecretMayLieInAFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("key");
    Files.writeString(file, "0123456789abcdef0123456789abcdef\n");
    try (ParleyServer server =
        ParleyServer.builder()
            .port(0)
            .inMemory()
            .set("access.secret-file", file.toString())
            .start()) {
      assertThat(get(server.uri().resolve("/v1/stream/a")).statusCode()).isEqualTo(401);
    }
    Files.writeString(file, "short");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() ->
            ParleyServer.builder()
                .port(0)
                .inMemory()
                .set("access.secret-file", file.toString())
                .start())
        .withMessageContaining("access.secret-file");
  }

  private static String signed(ECKey key) throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .expirationTime(Date.from(Instant.now().plusSeconds(60)))
                .claim("parley", Map.of("create", List.of("**")))
                .build());
    jwt.sign(new ECDSASigner(key));
    return jwt.serialize();
  }

  private HttpResponse<String> put(ParleyServer server, String token, String path)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri().resolve("/v1/stream/" + path))
            .PUT(BodyPublishers.ofString("[1]"))
            .header("content-type", "application/json")
            .header("authorization", "Bearer " + token)
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> get(URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }
}
