package dev.parley.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client of server-sent events, against answers written byte by byte. */
final class EventSourceTest {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<List<String>> requests = new LinkedBlockingQueue<>();
  private @Nullable ClientLoop clients;
  private @Nullable ServerSocket server;

  @BeforeEach
  void start() throws IOException {
    Assumptions.assumeTrue(Epoll.isAvailable(), "the generator runs on Linux alone");
    clients = new ClientLoop();
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    if (clients != null) {
      clients.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void eventsInPiecesAreToldOnceAndWhole() throws Exception {
    open(
        "7",
        """
        HTTP/1.1 200 OK\r
        transfer-encoding: chunked\r
        \r
        1e\r
        retry: 1000\n\nid: 8\ndata: {"a":\r
        1c\r
        "é"}\n\n: beat\n\nid: 9\ndata: b\r
        2\r
        \n\n\r
        0\r
        \r
        """);

    assertThat(next()).isEqualTo("8 {\"a\":\"é\"}");
    assertThat(next()).isEqualTo("9 b");
    assertThat(next()).isEqualTo("end null");
    assertThat(requests.take()).contains("GET /events HTTP/1.1", "last-event-id: 7");
  }

  @Test
  void anAnswerThatIsNoStreamIsTold() throws Exception {
    open("", "HTTP/1.1 404 Not Found\r\ncontent-length: 8\r\n\r\ndata: a\n");

    assertThat(next()).isEqualTo("end status 404 Not Found");
    assertThat(requests.take()).noneMatch(line -> line.startsWith("last-event-id"));
  }

  private @Nullable String next() throws InterruptedException {
    return heard.poll(10, TimeUnit.SECONDS);
  }

  private void open(String lastId, String answer) {
    ServerSocket listening = server;
    ClientLoop loop = clients;
    if (listening == null || loop == null) {
      throw new IllegalStateException("not started");
    }
    Thread.ofVirtual().start(() -> serve(listening, answer));
    URI uri = URI.create("http://127.0.0.1:" + listening.getLocalPort());
    loop.loop().execute(() -> EventSource.open(loop, uri, "/events", lastId, new Heard()));
  }

  private void serve(ServerSocket listening, String answer) {
    try (Socket socket = listening.accept()) {
      socket.setTcpNoDelay(true);
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      List<String> head = new ArrayList<>();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        head.add(line);
      }
      requests.add(head);
      for (byte b : answer.getBytes(StandardCharsets.UTF_8)) {
        socket.getOutputStream().write(b);
      }
      var _ = in.readLine(); // until the client leaves
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Heard implements EventSource.Listener {
    @Override
    public void onEvent(String id, String data, long readNanos) {
      heard.add(id + " " + data);
    }

    @Override
    public void onEnd(@Nullable String why) {
      heard.add("end " + why);
    }
  }
}
