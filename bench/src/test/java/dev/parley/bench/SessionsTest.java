package dev.parley.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The generator against the bare server, both in this process. */
final class SessionsTest {
  private static final int SESSIONS = 20;
  private static final int MESSAGES = 400;
  private static final double PER_SECOND = 4_000;

  private int port;
  private @Nullable EventLoopGroup server;

  @BeforeEach
  void start() throws IOException {
    Assumptions.assumeTrue(Epoll.isAvailable(), "the generator runs on Linux alone");
    port = SocketIoServer.freePort();
    server = BareNetty.start(port);
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  @Test
  void everyMessageComesBackOnceAndInOrder() throws Exception {
    try (Sessions sessions = new Sessions(port)) {
      sessions.connect(SESSIONS, PER_SECOND);
      Tally tally = sessions.tally();
      var _ = tally.takeLatency();

      sessions
          .pace(
              System.nanoTime(),
              PER_SECOND,
              MESSAGES,
              (i, due) ->
                  sessions.get(i % SESSIONS).emit("message", Message.json(i / SESSIONS + 1, due)))
          .get();
      sessions.await(() -> tally.received.sum() == MESSAGES);

      assertThat(tally.received.sum()).isEqualTo(MESSAGES);
      assertThat(tally.doubled.sum()).isZero();
      assertThat(tally.disordered.sum()).isZero();
      assertThat(tally.takeLatency().getTotalCount()).isEqualTo(MESSAGES);
    }
  }

  @Test
  void aPublicationReachesEveryMemberAlsoAfterItCameBack() throws Exception {
    try (Sessions room = new Sessions(port);
        Sessions publisher = new Sessions(port)) {
      room.connect(SESSIONS, PER_SECOND);
      publisher.connect(1, PER_SECOND);
      room.joinAll(publisher);
      Tally tally = room.tally();

      publisher.each(session -> session.publish(1, System.nanoTime()));
      room.await(() -> tally.received.sum() == SESSIONS);
      room.each(Session::drop);
      room.reconnect(PER_SECOND).get();
      room.await(() -> tally.connected.sum() == 2 * SESSIONS);
      publisher.each(session -> session.publish(2, System.nanoTime()));
      room.await(() -> tally.received.sum() == 2 * SESSIONS);

      assertThat(tally.received.sum()).isEqualTo(2 * SESSIONS);
      assertThat(tally.doubled.sum()).isZero();
      assertThat(tally.ended.sum()).isZero();
    }
  }

  @Test
  void sessionsThatFindNobodyAreReported() throws Exception {
    try (Sessions sessions = new Sessions(SocketIoServer.freePort())) {
      assertThatThrownBy(() -> sessions.connect(3, PER_SECOND))
          .hasMessageStartingWith("connected: 0 (expected: 3); ")
          .hasMessageContaining("Connection refused");
    }
  }
}
