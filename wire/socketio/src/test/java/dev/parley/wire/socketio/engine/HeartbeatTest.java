package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Heartbeats of a minute each, with a clock that is turned by hand. */
final class HeartbeatTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration TICK = Duration.ofMillis(250);

  private EchoServer server;
  private long now;

  @BeforeEach
  void start() throws Exception {
    TestConfig config = new TestConfig();
    config.pingInterval = MINUTE;
    config.pingTimeout = MINUTE;
    server = new EchoServer(config.build());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Session open(Client client, Client.Frames[] socket) throws Exception {
    socket[0] = client.connect(client.handshake("websocket"));
    socket[0].next();
    now = System.nanoTime();
    return server.session();
  }

  /** Two ticks, as the loop would have had: the first after a long time forgives. */
  private void advance(Session session, Duration time) throws Exception {
    now += time.toNanos();
    tick(session, now - TICK.toNanos());
    tick(session, now);
  }

  private static void tick(Session session, long nanos) throws Exception {
    session.loop().submit(() -> session.home().tick(nanos)).get();
  }

  private static void awaitHeard(Client.Frames socket) throws Exception {
    assertThat(socket.send("4heard").next()).isEqualTo("4heard");
  }

  @Test
  void aClientThatAnswersIsPingedEachInterval() throws Exception {
    Client.Frames[] socket = new Client.Frames[1];
    try (Client client = new Client(server, 4)) {
      Session session = open(client, socket);
      advance(session, MINUTE.minusSeconds(1));
      for (int i = 0; i < 5; i++) {
        advance(session, Duration.ofSeconds(2));
        assertThat(socket[0].next()).isEqualTo("2");
        socket[0].send("3");
        awaitHeard(socket[0]);
        now = System.nanoTime() + MINUTE.toNanos() - Duration.ofSeconds(1).toNanos();
        tick(session, now);
      }
      assertThat(server.closed).isEmpty();
    }
  }

  @Test
  void aClientThatDoesNotAnswerIsClosed() throws Exception {
    Client.Frames[] socket = new Client.Frames[1];
    try (Client client = new Client(server, 4)) {
      Session session = open(client, socket);
      advance(session, MINUTE.plusSeconds(1));
      assertThat(socket[0].next()).isEqualTo("2");
      advance(session, MINUTE.minusSeconds(3));
      awaitHeard(socket[0]);
      advance(session, Duration.ofSeconds(3));
      assertThat(socket[0].next()).isEqualTo("close 1000");
      assertThat(server.reason()).isEqualTo("ping timeout");
    }
  }

  @Test
  void afterAPauseOfItsThreadALoopReadsFirst() throws Exception {
    Client.Frames[] socket = new Client.Frames[1];
    try (Client client = new Client(server, 4)) {
      Session session = open(client, socket);
      advance(session, MINUTE.plusSeconds(1));
      assertThat(socket[0].next()).isEqualTo("2");
      tick(session, now + MINUTE.multipliedBy(3).toNanos());
      assertThat(server.closed).isEmpty();
      socket[0].send("3");
      awaitHeard(socket[0]);
      tick(session, now + MINUTE.multipliedBy(3).toNanos() + 1);
      assertThat(server.closed).isEmpty();
    }
  }

  @Test
  void whoIsNotReadIsNotLate() throws Exception {
    Client.Frames[] socket = new Client.Frames[1];
    try (Client client = new Client(server, 4)) {
      Session session = open(client, socket);
      session.execute(session::pauseReading);
      advance(session, MINUTE.plusSeconds(1));
      assertThat(socket[0].next()).isEqualTo("2");
      advance(session, MINUTE.multipliedBy(2));
      assertThat(server.closed).isEmpty();
      session.execute(session::resumeReading);
      advance(session, MINUTE.multipliedBy(2));
      assertThat(server.reason()).isEqualTo("ping timeout");
    }
  }

  @Test
  void aClientOfRevision3HasIntervalAndTimeoutToPing() throws Exception {
    Client.Frames[] socket = new Client.Frames[1];
    try (Client client = new Client(server, 3)) {
      Session session = open(client, socket);
      advance(session, MINUTE.multipliedBy(2).minusSeconds(1));
      assertThat(socket[0].send("2").next()).isEqualTo("3");
      now = System.nanoTime();
      advance(session, MINUTE.multipliedBy(2).minusSeconds(1));
      awaitHeard(socket[0]);
      advance(session, Duration.ofSeconds(2));
      assertThat(socket[0].next()).isEqualTo("close 1000");
      assertThat(server.reason()).isEqualTo("ping timeout");
    }
  }

  @Test
  void aSessionThatMovesIsDueWhenItWas() throws Exception {
    try (Client client = new Client(server, 4)) {
      String sid = client.open();
      Session session = server.session();
      long due = session.dueNanos;
      Client.Frames socket = client.connect(client.webSocket(sid));
      assertThat(socket.send("2probe").next()).isEqualTo("3probe");
      awaitHeard(socket.send("5"));
      assertThat(session.dueNanos).isEqualTo(due);
      now = due;
      advance(session, Duration.ofSeconds(1));
      assertThat(socket.next()).isEqualTo("2");
    }
  }

  @Test
  void deadlinesOfTheListenerPassWithinATick() throws Exception {
    try (Client client = new Client(server, 4)) {
      client.open();
      Session session = server.session();
      now = System.nanoTime();
      session
          .loop()
          .submit(() -> {
            session.deadline(now + 5);
            session.deadline(0);
            session.deadline(now + MINUTE.toNanos());
          })
          .get();
      tick(session, now + MINUTE.toNanos() - 1);
      assertThat(server.deadlines).isEmpty();
      tick(session, now + MINUTE.toNanos());
      assertThat(server.deadlines.poll()).isEqualTo(now + MINUTE.toNanos());
      tick(session, now + MINUTE.toNanos() + 1);
      assertThat(server.deadlines).isEmpty();
    }
  }
}
