package dev.parley.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop: swept together for timeouts, which costs less than timers of
 * their own, and flushed together at the end of a pass. Confined to that event loop.
 */
final class Loop {
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final long LONG_PASS_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

  final EventLoop executor;
  private final TransportObserver observer;
  private final Pacing pacing;
  private @Nullable Connection first;
  private @Nullable Connection
      nextToVisit; // moved on when the connection it names leaves during a visit
  private List<Connection> unflushed = new ArrayList<>();
  private List<Connection> flushing = new ArrayList<>();
  private final Runnable flush = this::flush;
  private final Runnable rest = this::rest;
  private long flushNotBefore; // System.nanoTime()
  private long lastFlush; // nanoseconds it took
  private long restNanos; // due at the end of this iteration, 0 for none
  private long dateSecond;
  private String date = "";
  private @Nullable MessageDeflate deflate;

  Loop(EventLoop executor, TransportObserver observer, Pacing pacing) {
    this.executor = executor;
    this.observer = observer;
    this.pacing = pacing;
  }

  void add(Connection connection) {
    assert executor.inEventLoop();
    connection.next = first;
    if (first != null) {
      first.previous = connection;
    }
    first = connection;
    pacing.countOpened();
  }

  void remove(Connection connection) {
    assert executor.inEventLoop();
    if (nextToVisit == connection) {
      nextToVisit = connection.next;
    }
    if (connection.previous != null) {
      connection.previous.next = connection.next;
    } else if (first == connection) {
      first = connection.next;
    }
    if (connection.next != null) {
      connection.next.previous = connection.previous;
    }
    connection.next = null;
    connection.previous = null;
  }

  /** Closes what is overdue. */
  void sweep(long nowNanos) {
    visit(connection -> connection.sweep(nowNanos));
  }

  void drain() {
    visit(Connection::drain);
  }

  void closeAll() {
    visit(Connection::close);
  }

  private void visit(java.util.function.Consumer<Connection> visitor) {
    assert executor.inEventLoop();
    Connection connection = first;
    while (connection != null) {
      nextToVisit = connection.next;
      visitor.accept(connection);
      connection = nextToVisit;
    }
    nextToVisit = null;
  }

  /**
   * Flushes the connection once the tasks now waiting on the loop have run. After two long passes
   * it waits as long as the shorter took, so that what arrives meanwhile leaves in one write: under
   * load a loop sends fewer and larger pieces instead of falling behind. A single one is a hiccup.
   */
  void flushLater(Connection connection) {
    assert executor.inEventLoop();
    if (unflushed.isEmpty()) {
      long pause = flushNotBefore - System.nanoTime();
      if (pause > 0) {
        var _ = executor.schedule(flush, pause, TimeUnit.NANOSECONDS);
      } else {
        executor.execute(flush);
      }
    }
    unflushed.add(connection);
  }

  private void flush() {
    List<Connection> batch = unflushed;
    unflushed = flushing;
    flushing = batch;
    long start = System.nanoTime();
    for (int i = 0; i < batch.size(); i++) {
      Connection connection = batch.get(i);
      connection.countedFlush = pacing.count(connection.countedFlush);
      connection.flushNow();
    }
    long end = System.nanoTime();
    long took = end - start;
    long steady = Math.min(took, lastFlush);
    lastFlush = took;
    flushNotBefore = end + (steady < LONG_PASS_NANOS ? 0 : Math.min(steady, MAX_PAUSE_NANOS));
    observer.onFlush(took, batch.size());
    batch.clear();
    restLater(pacing.endPass(end));
  }

  /**
   * Rests once the tasks of this iteration are done. In their midst it would rest after each of
   * several passes before it reads what has arrived.
   */
  private void restLater(long nanos) {
    if (nanos > 0) {
      if (restNanos == 0) {
        ((SingleThreadEventLoop) executor).executeAfterEventLoopIteration(rest);
      }
      restNanos = nanos;
    }
  }

  private void rest() {
    LockSupport.parkNanos(restNanos);
    restNanos = 0;
  }

  /** Made when the first message is compressed: it has half a megabyte outside the heap. */
  MessageDeflate deflate() {
    MessageDeflate made = deflate;
    if (made == null) {
      made = new MessageDeflate();
      deflate = made;
    }
    return made;
  }

  /** The time for a Date header (RFC 9110 §6.6.1). */
  String date() {
    long second = System.currentTimeMillis() / 1000;
    if (second != dateSecond) {
      dateSecond = second;
      date = HTTP_DATE.format(Instant.ofEpochSecond(second));
    }
    return date;
  }
}
