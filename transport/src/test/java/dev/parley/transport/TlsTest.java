package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import javax.net.ssl.SSLException;
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

  private static boolean serves(TestServer server, SelfSigned pair) throws Exception {
    try {
      return certificateOf(server, pair).equals(pair.certificate());
    } catch (SSLException untrusted) {
      return false;
    }
  }

  @Test
  void aNewCertificateIsUsedByNewConnectionsAndABrokenOneIsNot() throws Exception {
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    SelfSigned first = SelfSigned.create(folder, "first");
    SelfSigned second = SelfSigned.create(folder, "second-and-longer");
    first.writeTo(chain, key);
    try (TestServer server = new TestServer(TestServer.tls(chain, key), Duration.ofMillis(20));
        Raw open =
            new Raw(
                first
                    .trusting()
                    .getSocketFactory()
                    .createSocket("127.0.0.1", server.http.address().getPort()))) {
      assertThat(open.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").read().status()).isEqualTo(200);
      Files.writeString(chain, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
      for (int i = 0; i < 20; i++) {
        assertThat(serves(server, first)).isTrue();
      }
      second.writeTo(chain, key);
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!serves(server, second)) {
        assertThat(System.nanoTime()).isLessThan(deadline);
      }
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
    TransportConfig t = TestServer.tls(folder.resolve("c"), folder.resolve("k"));
    TransportConfig config =
        new TransportConfig(
            t.host(),
            0,
            1,
            t.maxHeaderBytes(),
            t.maxBodyBytes(),
            10,
            10,
            Duration.ofMillis(150),
            t.bodyTimeout(),
            t.idleTimeout(),
            t.writeHighBytes(),
            t.writeLowBytes(),
            t.stalledWriteTimeout(),
            t.tlsCertificate(),
            t.tlsKey());
    try (TestServer server = new TestServer(config);
        Raw raw = new Raw(server.http.address())) {
      assertThat(raw.send("\u0016\3\1").readAll()).isEmpty();
    }
  }
}
