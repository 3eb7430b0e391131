package dev.parley.wire.rest;

import dev.parley.conversation.request.Rooms;
import dev.parley.hub.Hub;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.Response;
import dev.parley.transport.SseRounds;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What all SSE answers of the wire share. {@link #begin} runs on the answer's event loop. */
final class SseAnswers {
  private final Hub hub;
  private final Rooms rooms;
  private final InstantSource clock;
  private final SseRounds rounds;

  SseAnswers(Hub hub, Rooms rooms, RestConfig config, InstantSource clock) {
    this.hub = hub;
    this.rooms = rooms;
    this.rounds = new SseRounds(config.heartbeat());
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
    response.headers().set("cache-control", "no-store");
    long left = Math.max(0, call.caller().expiresAt() - clock.millis());
    SseAnswer answer =
        new SseAnswer(
            this,
            response,
            encoder,
            stream,
            conversation,
            person,
            present,
            TimeUnit.MILLISECONDS.toNanos(left));
    answer.begin(rounds);
    answer.write(SseEncoder.begin());
    rooms.join(answer);
    return answer;
  }

  /** Who left while the answer began was not there to be expelled: this asks again. */
  void recheck(CompletableFuture<?> allowed, SseAnswer answer) {
    var _ =
        allowed.whenComplete((_, failure) -> {
          if (failure != null) {
            answer.expel();
          }
        });
  }

  Hub hub() {
    return hub;
  }

  Rooms rooms() {
    return rooms;
  }
}
