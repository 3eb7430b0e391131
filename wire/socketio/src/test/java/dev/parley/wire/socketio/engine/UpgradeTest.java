package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.codec.Encoded;
import dev.parley.wire.socketio.codec.Slice;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that moves from one event loop to another loses, doubles and reorders nothing. */
final class UpgradeTest {
  private static final int CLIENTS = 24;
  private static final int MESSAGES = 120;
  private static final long SEED = System.nanoTime();

  /** Counts what comes, and lives where the session says. */
  private static final class Recorder implements SessionListener {
    final Session session;
    final List<String> heard = new ArrayList<>(); // the session's loop's
    private final ReentrantLock busy = new ReentrantLock();
    EventLoop home; // under the session's monitor
    int moves;

    Recorder(Session session) {
      this.session = session;
      this.home = session.loop();
    }

    @Override
    public void onText(Slice utf8) {
      assertThat(session.loop().inEventLoop()).isTrue();
      assertThat(session.isMoving()).isFalse();
      alone(() -> heard.add(utf8.toString()));
    }

    @Override
    public void onBinary(Slice bytes) {}

    @Override
    public void onMove(EventLoop to, Runnable move) {
      assertThat(home.inEventLoop()).isTrue();
      synchronized (session) { // as whoever posts does
        moves++;
        home = to;
        move.run();
      }
    }

    @Override
    public void onClose(CloseReason reason) {}

    /** Its tasks and calls are never on two threads at once. */
    void alone(Runnable action) {
      assertThat(busy.tryLock()).isTrue();
      try {
        action.run();
      } finally {
        busy.unlock();
      }
    }

    /** As a room hands a message to all its members on one loop. */
    void fan(Outgoing message) {
      synchronized (session) {
        message.retain();
        home.execute(() -> {
          session.send(message);
          message.release();
        });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void nothingIsLostDoubledOrReordered(int loops) throws Exception {
    System.getLogger("test").log(System.Logger.Level.INFO, "seed " + SEED);
    Map<String, Recorder> recorders = new ConcurrentHashMap<>();
    SessionOpener opener =
        session -> {
          Recorder recorder = new Recorder(session);
          recorders.put(session.id(), recorder);
          return recorder;
        };
    try (EchoServer server = new EchoServer(EchoServer.config(), opener, loops);
        Client client = new Client(server, 4);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<String>>> received = new ArrayList<>();
      List<Future<?>> producers = new ArrayList<>();
      List<Recorder> sessions = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(SEED + i);
        Semaphore pace = new Semaphore(0); // a message of each producer for one of the client
        UpgradingClient one = new UpgradingClient(client, () -> pace.release(3));
        Recorder recorder = Objects.requireNonNull(recorders.get(one.sid()));
        sessions.add(recorder);
        Callable<List<String>> exchange =
            () -> {
              one.run(MESSAGES, 3 * MESSAGES, random);
              return one.received;
            };
        producers.add(threads.submit(() -> produce(recorder, "x", pace)));
        producers.add(threads.submit(() -> fan(recorder, pace)));
        producers.add(threads.submit(() -> produce(recorder, "y", pace)));
        received.add(threads.submit(exchange));
      }
      for (Future<?> producer : producers) {
        producer.get();
      }
      for (int i = 0; i < CLIENTS; i++) {
        List<String> all = received.get(i).get();
        assertThat(all).hasSize(3 * MESSAGES);
        for (String producer : List.of("x", "y", "f")) {
          assertThat(all.stream().filter(text -> text.startsWith(producer)))
              .containsExactlyElementsOf(numbered(producer));
        }
      }
      int moves = 0;
      for (Recorder recorder : sessions) {
        assertThat(heard(recorder)).containsExactlyElementsOf(numbered("c"));
        moves += recorder.moves;
      }
      assertThat(server.engine.stats().upgraded()).isEqualTo(CLIENTS);
      assertThat(moves > 0).isEqualTo(loops > 1);
    }
  }

  private static List<String> numbered(String producer) {
    return IntStream.range(0, MESSAGES).mapToObj(i -> producer + i).toList();
  }

  private static List<String> heard(Recorder recorder) throws Exception {
    EventLoop loop = recorder.session.loop();
    for (int size = -1; size < MESSAGES; ) {
      size = loop.submit(recorder.heard::size).get();
    }
    return loop.submit(() -> List.copyOf(recorder.heard)).get();
  }

  /** A foreign thread that sends by tasks. */
  private static void produce(Recorder recorder, String name, Semaphore pace) {
    for (int i = 0; i < MESSAGES; i++) {
      pace.acquireUninterruptibly();
      Outgoing message = Outgoing.text(Slice.utf8(name + i));
      recorder.session.execute(() -> recorder.alone(() -> recorder.session.send(message)));
    }
  }

  private static void fan(Recorder recorder, Semaphore pace) {
    for (int i = 0; i < MESSAGES; i++) {
      pace.acquireUninterruptibly();
      Outgoing message = Outgoing.shared(new Encoded(Slice.utf8("4f" + i), List.of()), i % 2 == 0);
      recorder.fan(message);
      message.release();
    }
  }
}
