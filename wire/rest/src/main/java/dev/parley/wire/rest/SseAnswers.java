package dev.parley.wire.rest;

import dev.parley.hub.Hub;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.Response;
import io.netty.channel.EventLoop;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** What all SSE answers of the wire share. {@link #begin} runs on the answer's event loop. */
final class SseAnswers {
  private final Hub hub;
  private final RestConfig config;
  private final InstantSource clock;
  private final Rooms rooms = new Rooms();
  private final Map<EventLoop, SseRound> rounds = new ConcurrentHashMap<>();

  SseAnswers(Hub hub, RestConfig config, InstantSource clock) {
    this.hub = hub;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Begins an answer; it is told what comes, but does not follow yet.
   *
   * @param person empty for one who reads everything and is nobody here
   * @param present whether others see that the person is there
   */
  SseAnswer begin(
      Call call,
      SseEncoder encoder,
      StreamInfo stream,
      String conversation,
      String person,
      boolean present) {
    Response response = call.response();
    response
        .headers()
        .set("content-type", "text/event-stream")
        .set("cache-control", "no-store")
        .set("x-accel-buffering", "no"); // else nginx holds events back
    long left = Math.max(0, call.caller().expiresAt() - clock.millis());
    long nanos = Math.min(TimeUnit.MILLISECONDS.toNanos(left), Long.MAX_VALUE / 2);
    SseAnswer answer =
        new SseAnswer(
            this,
            response,
            encoder,
            stream,
            conversation,
            person,
            present,
            System.nanoTime() + nanos);
    answer.write(SseEncoder.begin());
    rooms.join(answer);
    return answer;
  }

  /** The answer goes on with what comes after {@code after}. */
  void follow(SseAnswer answer, long after) {
    answer.follow(
        rounds.computeIfAbsent(answer.eventLoop(), loop -> new SseRound(loop, tickNanos())), after);
  }

  /** Who left while the answer began was not there to be expelled: this asks again. */
  void recheck(CompletableFuture<?> allowed, SseAnswer answer) {
    var _ =
        allowed.whenComplete((_, failure) -> {
          if (failure != null) {
            rooms.end(answer);
          }
        });
  }

  private long tickNanos() {
    return Math.clamp(config.heartbeat().toNanos() / 4, 10_000_000L, 1_000_000_000L);
  }

  Hub hub() {
    return hub;
  }

  Rooms rooms() {
    return rooms;
  }

  long heartbeatNanos() {
    return config.heartbeat().toNanos();
  }
}
