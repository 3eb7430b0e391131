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
  void unusableFilesAreNamedAtTheStart() throws Exception {
    Path chain = Files.writeString(folder.resolve("chain.pem"), "nothing");
    assertThatThrownBy(() -> new TestServer(TestServer.tls(chain, chain)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chain.pem");
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
