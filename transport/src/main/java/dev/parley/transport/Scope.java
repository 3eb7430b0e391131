package dev.parley.transport;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What all connections of one server share. Any thread. */
final class Scope {
  static final System.Logger LOG = System.getLogger("dev.parley.transport");

  final TransportConfig config;
  final Handler handler;
  final TransportObserver observer;
  final Admission admission;
  final BodyBudget bodies;
  final long bodyStepBytes; // that many more of a body must arrive in each body timeout
  final @Nullable TlsFiles tls;
  final LongAdder requests = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder bytesIn = new LongAdder();
  final LongAdder bytesOut = new LongAdder();
  private final AtomicLong connectionIds = new AtomicLong();
  private volatile boolean draining;

  Scope(
      TransportConfig config, Handler handler, TransportObserver observer, @Nullable TlsFiles tls) {
    this.config = config;
    this.handler = handler;
    this.observer = observer;
    this.tls = tls;
    this.admission = new Admission(config.maxConnections(), config.maxConnectionsPerAddress());
    this.bodies = new BodyBudget(config.maxInFlightBodyBytes());
    this.bodyStepBytes =
        Math.max(1, config.bodyTimeout().toMillis() * config.minBodyBytesPerSecond() / 1000);
  }

  long nextConnectionId() {
    return connectionIds.incrementAndGet();
  }

  boolean draining() {
    return draining;
  }

  void startDraining() {
    draining = true;
  }
}
