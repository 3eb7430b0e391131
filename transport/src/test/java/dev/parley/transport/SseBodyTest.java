package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long answers, and who looks after them. */
@Timeout(30)
final class SseBodyTest {
  private static final String GET = "GET /hold HTTP/1.1\r\nhost: a\r\n\r\n";
  private static final Duration SOON = Duration.ofMillis(100);

  @SuppressWarnings("NullAway.Init") // by start
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = new TestServer(TestServer.config());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static final class Answer extends SseBody {
    final CountDownLatch left = new CountDownLatch(1);

    Answer(Response response, Duration life) {
      super(response, life.toNanos());
    }

    @Override
    protected void onWritable() {}

    @Override
    protected void onLeave() {
      left.countDown();
    }
  }

  private Answer begin(Raw client, SseRounds rounds, Duration life) throws Exception {
    client.send(GET);
    Response response = server.held.take();
    BlockingQueue<Answer> begun = new LinkedBlockingQueue<>();
    response
        .loop()
        .execute(() -> {
          Answer answer = new Answer(response, life);
          answer.begin(rounds);
          begun.add(answer);
        });
    return begun.take();
  }

  @Test
  void aSilentAnswerGetsCommentsAndOneThatSpeaksDoesNot() throws Exception {
    SseRounds rounds = new SseRounds(SOON);
    try (Raw silent = new Raw(server.http.address());
        Raw other = new Raw(server.http.address())) {
      begin(silent, rounds, Duration.ofDays(9));
      Answer speaking = begin(other, rounds, Duration.ofDays(9));
      var words =
          speaking
              .loop()
              .scheduleAtFixedRate(
                  () -> speaking.write(Unpooled.wrappedBuffer(new byte[] {'x'})),
                  0,
                  10,
                  TimeUnit.MILLISECONDS);

      assertThat(silent.readHead().headers())
          .containsEntry("content-type", "text/event-stream")
          .containsEntry("x-accel-buffering", "no");
      assertThat(silent.readChunk()).isEqualTo(":\n\n");
      assertThat(silent.readChunk()).isEqualTo(":\n\n");
      other.readHead();
      for (int i = 0; i < 40; i++) {
        assertThat(other.readChunk()).isEqualTo("x");
      }
      words.cancel(false);
    }
  }

  @Test
  void anAnswerEndsWhenItsTimeIsOver() throws Exception {
    try (Raw client = new Raw(server.http.address())) {
      Answer answer = begin(client, new SseRounds(Duration.ofDays(1), SOON), SOON);

      assertThat(client.read().body()).isEmpty();
      answer.left.await();
    }
  }

  @Test
  void whoLeavesInAnyOrderTakesNobodyAlong() throws Exception {
    SseRounds rounds = new SseRounds(SOON);
    List<Raw> clients = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    try {
      for (int i = 0; i < 7; i++) {
        clients.add(new Raw(server.http.address()));
        answers.add(begin(clients.get(i), rounds, Duration.ofDays(1)));
      }
      for (int i : new int[] {0, 3, 6, 2}) {
        clients.get(i).close();
        answers.get(i).left.await();
      }
      for (int i : new int[] {1, 4, 5}) {
        clients.get(i).readHead();
        assertThat(clients.get(i).readChunk()).isEqualTo(":\n\n");
        assertThat(answers.get(i).left.getCount()).isEqualTo(1);
      }
    } finally {
      for (Raw client : clients) {
        client.close();
      }
    }
  }
}
