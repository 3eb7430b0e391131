package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Backends and who asks them, under a clock that stands still and pauses that take no time. When it
 * is closed, it has seen to it that neither a key nor a client's values are in the log.
 */
final class BackendTrial {
  private final LoggedLines log = new LoggedLines();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-21T20:00:00Z"));
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>(List.<AutoCloseable>of(log));
  private volatile Runnable inAPause = () -> {};

  RealBackend answering(String json) {
    return open(RealBackend.answering(json));
  }

  <T extends AutoCloseable> T open(T resource) {
    open.add(resource);
    return resource;
  }

  HttpBackend asking(BackendConfig config) {
    return open(
        new HttpBackend(
            config,
            clock(),
            pause -> {
              pauses.add(pause);
              inAPause.run();
            },
            null));
  }

  HttpBackend asking(RealBackend backend) {
    return asking(Routes.to(backend.uri()).config());
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneId.of("UTC");
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return now();
      }
    };
  }

  Instant now() {
    return Objects.requireNonNull(now.get());
  }

  void passes(Duration time) {
    now.set(now().plus(time));
  }

  List<Duration> pauses() {
    return pauses;
  }

  void inAPause(Runnable action) {
    inAPause = action;
  }

  LoggedLines log() {
    return log;
  }

  static RouteStats stats(HttpBackend http) {
    return http.stats().getFirst();
  }

  static void assertEveryQuestionEndedOnce(HttpBackend http) {
    RouteStats s = stats(http);
    assertThat(s.allowed() + s.denied() + s.failed() + s.timedOut() + s.shortCircuited())
        .as("%s", s)
        .isEqualTo(s.asked());
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    assertThat(log.lines())
        .noneMatch(line ->
            line.contains("MfKQ9r8G")
                || line.contains("also-secret")
                || line.contains("eyJ-private")
                || line.contains("hunter2"));
  }
}
