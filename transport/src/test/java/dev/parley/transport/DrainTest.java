package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class DrainTest {
  @Test
  void requestsUnderWayAreAnsweredAndIdleConnectionsClose() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw idle = new Raw(server.http.address());
        Raw busy = new Raw(server.http.address())) {
      idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read();
      busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
      Response response = server.held.poll(10, TimeUnit.SECONDS);
      CompletableFuture<Void> drained = server.http.drain(Duration.ofSeconds(20));
      assertThat(idle.atEnd()).isTrue();
      idle.hangUp();
      assertThatThrownBy(() -> new Raw(server.http.address())).isInstanceOf(ConnectException.class);
      assertThat(drained).isNotDone();
      response.loop().execute(() -> TestServer.text(response, 200, "finished"));
      Raw.Answer answer = busy.read();
      assertThat(answer.body()).isEqualTo("finished");
      assertThat(answer.headers()).containsEntry("connection", "close");
      busy.hangUp();
      drained.get(10, TimeUnit.SECONDS);
      assertThat(server.http.connections()).isZero();
    }
  }

  @Test
  void http2ClientsAreToldToGoAway() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw raw = new Raw(server.http.address())) {
      raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
      assertThat(raw.readFrameTypes(3))
          .contains("4", "8"); // SETTINGS, its acknowledgement, WINDOW_UPDATE
      CompletableFuture<Void> drained = server.http.drain(Duration.ofSeconds(20));
      while (!raw.readFrameTypes(1).equals("7")) {
        // what was on its way before
      }
      assertThat(raw.atEnd()).isTrue();
      raw.hangUp();
      drained.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void whatDoesNotFinishIsClosedWhenPatienceEnds() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw raw = new Raw(server.http.address())) {
      raw.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(server.bodies.poll(10, TimeUnit.SECONDS)).isNotNull();
      server.http.drain(Duration.ofMillis(100)).get(10, TimeUnit.SECONDS);
      assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
