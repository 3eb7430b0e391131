package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.transport.HttpServer;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.transport.TransportConfig;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backend behind TLS that offers HTTP/2. */
final class EncryptedBackendTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final int TOGETHER = 3;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>(); // of clients, guarded by this
  private final List<Response> held = new ArrayList<>(); // guarded by this
  private final KeyStore keys;
  private final URI url;

  EncryptedBackendTest(@TempDir Path folder) throws Exception {
    Path store = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1", // it is over before more would pay
                "-J-XX:+UseSerialGC",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "a",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor()).isZero();
    keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    Files.writeString(chain, pem("CERTIFICATE", keys.getCertificate("a").getEncoded()));
    Files.writeString(key, pem("PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded()));
    HttpServer server = HttpServer.start(encrypted(chain, key), this::answer);
    open.add(server);
    url = URI.create("https://127.0.0.1:" + server.address().getPort() + "/ask");
  }

  private static String pem(String type, byte[] bytes) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  private static TransportConfig encrypted(Path chain, Path key) {
    TransportConfig d = TransportConfig.defaults();
    return new TransportConfig(
        d.host(),
        0,
        d.eventLoops(),
        d.loopRest(),
        d.maxHeaderBytes(),
        d.maxBodyBytes(),
        d.maxInFlightBodyBytes(),
        d.maxConnections(),
        d.maxConnectionsPerAddress(),
        d.headerTimeout(),
        d.bodyTimeout(),
        d.minBodyBytesPerSecond(),
        d.idleTimeout(),
        d.writeHighBytes(),
        d.writeLowBytes(),
        d.stalledWriteTimeout(),
        chain,
        key);
  }

  /** Answers the first at once, and the others when all of them are there. */
  private synchronized void answer(Request request, Response response) {
    ports.add(request.remote().getPort());
    held.add(response);
    if (ports.size() == 1 || held.size() == TOGETHER) {
      for (Response each : held) {
        each.loop()
            .execute(() -> {
              each.headers().set("content-type", "application/json");
              each.send(
                  200, Unpooled.wrappedBuffer("{\"allow\":true}".getBytes(StandardCharsets.UTF_8)));
            });
      }
      held.clear();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private HttpBackend asking(@Nullable SSLContext tls) {
    HttpBackend http = new HttpBackend(Routes.to(url).config(), Clock.systemUTC(), _ -> {}, tls);
    open.add(http);
    return http;
  }

  private SSLContext trusting() throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("a", keys.getCertificate("a"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** Which one connection of HTTP/1.1 could not carry. */
  @Test
  void questionsThatWaitAtTheSameTimeShareOneConnection() throws Exception {
    HttpBackend http = asking(trusting());
    assertThat(http.ask(Fakes.publish(0)).join().allowed()).isTrue();

    List<CompletableFuture<Verdict>> together =
        IntStream.rangeClosed(1, TOGETHER).mapToObj(i -> http.ask(Fakes.publish(i))).toList();

    assertThat(together).allMatch(verdict -> verdict.join().allowed());
    synchronized (this) {
      assertThat(ports).hasSize(1 + TOGETHER);
      assertThat(ports.stream().distinct()).hasSize(1);
    }
  }

  @Test
  void aBackendNobodyVouchesForIsNotAsked() {
    HttpBackend http = asking(null);

    assertThat(http.ask(Fakes.connect()).join()).isEqualTo(Verdict.UNAVAILABLE);
    synchronized (this) {
      assertThat(ports).isEmpty();
    }
    assertThat(http.stats().getFirst().failed()).isEqualTo(1);
  }
}
