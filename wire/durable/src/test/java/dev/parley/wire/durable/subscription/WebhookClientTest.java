package dev.parley.wire.durable.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WebhookClientTest {
  private static final String HOST = "hooks.example";
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final byte[] BODY = "{\"x\":1}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  /** Host, signature and body of each request. */
  private final BlockingQueue<List<String>> received = new LinkedBlockingQueue<>();

  private @Nullable HttpServer receiver;

  @AfterEach
  void stop() {
    if (receiver != null) {
      receiver.stop(0);
    }
  }

  private int listen(HttpServer server) throws IOException {
    receiver = server;
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    received.add(
        List.of(
            String.valueOf(exchange.getRequestHeaders().getFirst("host")),
            String.valueOf(exchange.getRequestHeaders().getFirst("webhook-signature")),
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  private static WebhookClient.Reply post(WebhookClient client, String url) {
    return client.post(URI.create(url), BODY, "t=1", Duration.ofSeconds(20)).join();
  }

  @Test
  void theAddressThatWasJudgedIsTheOneCalledThoughTheNameChangesItsMind() throws Exception {
    int port = listen(HttpServer.create());
    AtomicInteger lookUps = new AtomicInteger();
    WebhookTarget.Names rebinding =
        _ -> {
          String address = lookUps.incrementAndGet() == 1 ? "127.0.0.1" : "10.0.0.1";
          return new InetAddress[] {InetAddress.ofLiteral(address)};
        };
    try (WebhookClient client = new WebhookClient(PrivateTargets.LOOPBACK, rebinding, null)) {
      String url = "http://" + HOST + ":" + port + "/hook";

      assertThat(post(client, url).status()).isEqualTo(200);
      assertThat(lookUps).hasValue(1); // no second look between the judgement and the call
      assertThat(received.take()).containsExactly(HOST + ":" + port, "t=1", "{\"x\":1}");

      assertThatThrownBy(() -> post(client, url))
          .isInstanceOf(CompletionException.class)
          .hasMessageContaining("10.0.0.1")
          .hasMessageContaining("webhooks.allow-private");
      assertThat(received).isEmpty();
    }
  }

  @Test
  void oneAddressThatIsNotPermittedRefusesTheName() throws Exception {
    int port = listen(HttpServer.create());
    WebhookTarget.Names both =
        _ ->
            new InetAddress[] {
              InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("169.254.169.254")
            };
    try (WebhookClient client = new WebhookClient(PrivateTargets.LOOPBACK, both, null)) {
      assertThatThrownBy(() -> post(client, "http://" + HOST + ":" + port + "/"))
          .hasMessageContaining("169.254.169.254");
    }
    assertThat(received).isEmpty();
  }

  @Test
  void anUnknownNameIsAFailure() throws Exception {
    WebhookTarget.Names none =
        host -> {
          throw new UnknownHostException(host);
        };
    try (WebhookClient client = new WebhookClient(PrivateTargets.NONE, none, null)) {
      assertThatThrownBy(() -> post(client, "https://" + HOST + "/"))
          .hasCauseInstanceOf(UnknownHostException.class);
    }
  }

  @Test
  void overHttpsTheCertificateMustBeTrustedAndOfTheName() throws Exception {
    KeyStore keys = selfSigned();
    HttpsServer server = HttpsServer.create();
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    int port = listen(server);
    WebhookTarget.Names loopback = _ -> new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")};
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("receiver", keys.getCertificate("receiver"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);

    try (WebhookClient client = new WebhookClient(PrivateTargets.LOOPBACK, loopback, trust)) {
      assertThat(post(client, "https://" + HOST + ":" + port + "/hook").status()).isEqualTo(200);
      assertThat(received.take()).contains("{\"x\":1}");
      assertThatThrownBy(() -> post(client, "https://other.example:" + port + "/hook"))
          .hasMessageContaining("other.example");
    }
    try (WebhookClient client = new WebhookClient(PrivateTargets.LOOPBACK, loopback, null)) {
      assertThatThrownBy(() -> post(client, "https://" + HOST + ":" + port + "/hook"))
          .isInstanceOf(CompletionException.class);
    }
    assertThat(received).isEmpty();
  }

  private static SSLContext context(KeyStore keys) throws Exception {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private KeyStore selfSigned() throws Exception {
    Path file = folder.resolve("receiver.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1", // it is over before more would pay
                "-J-XX:+UseSerialGC",
                "-genkeypair",
                "-alias",
                "receiver",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + HOST,
                "-ext",
                "san=dns:" + HOST,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    keytool.getInputStream().transferTo(OutputStream.nullOutputStream());
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }
}
