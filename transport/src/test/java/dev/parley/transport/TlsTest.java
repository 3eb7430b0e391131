package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TlsTest {
  @TempDir Path folder;

  private static Certificate certificateOf(TestServer server, SelfSigned trusted) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            trusted
                .trusting()
                .getSocketFactory()
                .createSocket("127.0.0.1", server.http.address().getPort())) {
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  private static void reload(TestServer server) throws Exception {
    Objects.requireNonNull(server.http.tls()).reload().get();
  }

  @Test
  void aNewCertificateIsUsedByNewConnectionsAndABrokenOneIsNot() throws Exception {
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    SelfSigned first = SelfSigned.create(folder, "first");
    SelfSigned second = SelfSigned.create(folder, "second-and-longer");
    first.writeTo(chain, key);
    try (TestServer server = new TestServer(TestServer.tls(chain, key));
        Raw open =
            new Raw(
                first
                    .trusting()
                    .getSocketFactory()
                    .createSocket("127.0.0.1", server.http.address().getPort()))) {
      assertThat(open.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").read().status()).isEqualTo(200);
      Files.writeString(chain, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
      reload(server);
      assertThat(certificateOf(server, first)).isEqualTo(first.certificate());
      second.writeTo(chain, key);
      reload(server);
      assertThat(certificateOf(server, second)).isEqualTo(second.certificate());
      assertThat(open.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n").read().status()).isEqualTo(200);
    }
  }

  @Test
  void webSocketsAreServedOverTls() throws Exception {
    SelfSigned pair = SelfSigned.create(folder, "secure");
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    pair.writeTo(chain, key);
    try (WebSocketServer server =
            new WebSocketServer(WebSocketOptions.DEFAULTS, TestServer.tls(chain, key));
        RawWebSocket client =
            new RawWebSocket(
                new Raw(
                    pair.trusting()
                        .getSocketFactory()
                        .createSocket("127.0.0.1", server.http.address().getPort())),
                "/")) {
      assertThat(client.text("secret").readText()).isEqualTo("secret");
      assertThat(client.close(1000, "").readCloseCode()).isEqualTo(1000);
      assertThat(client.raw.atEnd()).isTrue();
    }
  }

  @Test
  void unusableFilesAreNamedAtTheStart() throws Exception {
    Path chain = Files.writeString(folder.resolve("chain.pem"), "nothing");
    assertThatThrownBy(() -> new TestServer(TestServer.tls(chain, chain)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chain.pem");
  }

  @ParameterizedTest
  @CsvSource({
    "EC, secp256r1, EC, secp256r1",
    "EC, secp256r1, EC, secp384r1",
    "EC, secp256r1, RSA, 2048",
    "RSA, 2048, RSA, 2048",
    "RSA, 2048, RSA, 3072"
  })
  void aKeyOfAnotherCertificateIsRefusedAtTheStart(
      String kind, String size, String otherKind, String otherSize) throws Exception {
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    SelfSigned own = SelfSigned.create(folder, "own", kind, size);
    SelfSigned other = SelfSigned.create(folder, "other", otherKind, otherSize);
    own.writeTo(chain, key);
    new TestServer(TestServer.tls(chain, key)).close();
    other.writeTo(folder.resolve("other.pem"), key);

    assertThatThrownBy(() -> new TestServer(TestServer.tls(chain, key)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "transport.tls-certificate, transport.tls-key: "
                + chain
                + ", "
                + key
                + " do not belong together (expected: the key of the chain's first certificate)");
  }

  @Test
  void halfANewPairIsLoggedInALineAndNotUsed() throws Exception {
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    SelfSigned first = SelfSigned.create(folder, "first");
    SelfSigned second = SelfSigned.create(folder, "second-and-longer");
    first.writeTo(chain, key);
    try (LogLines log = new LogLines();
        TestServer server = new TestServer(TestServer.tls(chain, key))) {
      Files.writeString(chain, second.chainPem());
      reload(server);
      reload(server);
      assertThat(certificateOf(server, first)).isEqualTo(first.certificate());
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("the old one stays in force", "do not belong together");
      Files.delete(chain);
      reload(server);
      reload(server);
      assertThat(certificateOf(server, first)).isEqualTo(first.certificate());
      assertThat(log.lines()).hasSize(2).last().asString().endsWith(chain + " cannot be read");
      second.writeTo(chain, key);
      reload(server);
      assertThat(certificateOf(server, second)).isEqualTo(second.certificate());
    }
  }

  @Test
  void aSlowHandshakeIsCutOff() throws Exception {
    SelfSigned pair = SelfSigned.create(folder, "slow");
    pair.writeTo(folder.resolve("c"), folder.resolve("k"));
    TestConfig config = new TestConfig();
    config.tlsCertificate = folder.resolve("c");
    config.tlsKey = folder.resolve("k");
    config.headerTimeout = Duration.ofMillis(150);
    try (TestServer server = new TestServer(config.build());
        Raw raw = new Raw(server.http.address())) {
      assertThat(raw.send("\u0016\3\1").readAll()).isEmpty();
    }
  }
}
