package dev.parley.testkit.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.server.ParleyServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the tables against a server that sends back what it gets. All of its connections share one
 * loop, and one of them stays open throughout: whatever a case does, it is still served afterwards.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Rfc6455Test {
  private static final Handshake PLAIN = Handshake.GOOD;
  private static final Handshake DEFLATING = Handshake.offering("permessage-deflate");

  private ParleyServer server;
  private Peer bystander;
  private int served;

  @BeforeAll
  void start() throws IOException {
    server =
        ParleyServer.builder()
            .port(0)
            .inMemory()
            .set("transport.event-loops", "1")
            .set("transport.body-timeout", "2s")
            .set("socketio.engine.max-payload", Integer.toString(LimitCases.MAX_BYTES))
            .set("socketio.engine.deflate", "true")
            .set("socketio.engine.deflate-from-bytes", Integer.toString(DeflateCases.FROM_BYTES))
            .set("socketio.engine.ping-interval", "1h") // no heartbeat among the answers
            .engineIo("/engine.io", socket -> socket.onText(socket::send).onBinary(socket::send))
            .start();
    bystander = Peer.connected(server.port(), PLAIN);
  }

  @AfterAll
  void stop() throws IOException {
    bystander.close();
    server.close();
  }

  @AfterEach
  void theBystanderIsStillServed() throws IOException {
    String text = "4still here " + ++served;
    bystander.send(Sent.text(text));
    assertThat(bystander.hear()).isEqualTo(Heard.text(text));
  }

  static Stream<Opening> openings() {
    return OpeningCases.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("openings")
  void handshakesAreAnsweredAsTheStandardSays(Opening opening) throws IOException {
    try (Peer peer = new Peer(server.port())) {
      peer.send(opening.request().bytes());
      assertThat(peer.readAnswer()).as(opening.toString()).isEqualTo(opening.answer());
      if (opening.answer().startsWith("101")) {
        peer.readOpen();
        assertThat(heard(peer, Exchange.of("an echo", "", Sent.text("4a"), Heard.text("4a"))))
            .containsExactly("text 4a", "close 1000", Heard.END);
      }
    }
  }

  static Stream<Exchange> exchanges() {
    return Stream.of(
            FramingCases.all(),
            FragmentCases.all(),
            Utf8Cases.all(),
            CloseCases.all(),
            LimitCases.all(),
            DeflateCases.all())
        .flatMap(cases -> cases);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("exchanges")
  void framesAreAnsweredAsTheStandardSays(Exchange exchange) {
    run(exchange);
  }

  /** Together, since each takes as long as the server's patience. */
  @Test
  void noClientKeepsTheServerWaitingForEver() throws Exception {
    try (var together = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> runs = new ArrayList<>();
      LimitCases.silences().forEach(exchange -> runs.add(together.submit(() -> run(exchange))));
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  private void run(Exchange exchange) {
    List<String> expected = new ArrayList<>(exchange.answers());
    if (!exchange.ends()) {
      expected.add(Heard.close(1000));
    }
    expected.add(Heard.END);
    try (Peer peer = Peer.connected(server.port(), exchange.deflates() ? DEFLATING : PLAIN)) {
      assertThat(heard(peer, exchange)).as(exchange.toString()).isEqualTo(expected);
    } catch (IOException e) {
      throw new UncheckedIOException(exchange.toString(), e);
    }
  }

  /** Everything the peer hears; a socket that outlives the exchange is closed by the peer. */
  private static List<String> heard(Peer peer, Exchange exchange) throws IOException {
    List<String> heard = new ArrayList<>();
    int due = 0;
    for (Exchange.Step step : exchange.steps()) {
      for (byte[] piece : step.sent()) {
        peer.send(piece);
      }
      due += step.answers().size();
      while (heard.size() < due && !heard.contains(Heard.END)) {
        heard.add(peer.hear());
      }
    }
    if (!exchange.ends()) {
      peer.send(Sent.close(1000, ""));
    }
    while (!heard.contains(Heard.END)) {
      heard.add(peer.hear());
    }
    return heard;
  }

  @Test
  void framesThatComeWithTheHandshakeAreAnswered() throws IOException {
    try (Peer peer = new Peer(server.port())) {
      peer.send(Sent.all(PLAIN.bytes(), Sent.ping("a"), Sent.text("4early")));
      assertThat(peer.readAnswer()).isEqualTo("101");
      peer.readOpen();
      assertThat(List.of(peer.hear(), peer.hear())).containsExactly("pong a", "text 4early");
    }
  }

  @Test
  void whatWasNotAgreedOnMayNotBeUsed() throws IOException {
    Handshake declined = Handshake.offering("permessage-deflate; server_max_window_bits=8");
    try (Peer peer = Peer.connected(server.port(), declined)) {
      peer.send(Sent.frame(Sent.FIN | Sent.RSV1 | Sent.BINARY, Sent.hex("f248cdc9c90700")));
      assertThat(List.of(peer.hear(), peer.hear())).containsExactly("close 1002", Heard.END);
    }
  }

  @Test
  void aClientMayGoInTheMiddleOfAFrame() throws IOException {
    for (int size = 1; size < 20; size++) {
      try (Peer peer = Peer.connected(server.port(), PLAIN)) {
        peer.send(Arrays.copyOf(Sent.text("4never to be heard"), size));
      }
    }
  }
}
