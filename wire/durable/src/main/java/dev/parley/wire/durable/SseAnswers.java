package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.Response;
import dev.parley.transport.SseRounds;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** What all SSE answers of the wire share. {@link #start} runs on the answer's event loop. */
final class SseAnswers {
  private final Hub hub;
  private final DurableConfig config;
  private final InstantSource clock;
  private final Cursors cursors;
  private final SseEncoder encoder;
  private final SseRounds rounds;

  SseAnswers(Hub hub, DurableConfig config, InstantSource clock, Cursors cursors) {
    this.hub = hub;
    this.config = config;
    this.clock = clock;
    this.cursors = cursors;
    this.encoder = new SseEncoder(config.eventBytes(), cursors);
    this.rounds = new SseRounds(config.sseHeartbeat(), config.sseLifetime());
  }

  /** Sends everything after {@code after} as events, then what comes. */
  void start(
      Response response,
      Caller caller,
      StreamPath path,
      StreamInfo info,
      long after,
      long clientCursor) {
    HttpHeaders headers = response.headers().set(Fields.CACHE_CONTROL, Replies.revalidated(caller));
    if (ContentKind.of(info.contentType()) == ContentKind.BINARY) {
      headers.set(Fields.SSE_DATA_ENCODING, "base64");
    }
    // A client whose cursor is current or ahead gets a later one, and never an earlier (§10.1).
    long floor = clientCursor < cursors.current() ? 0 : cursors.answer(clientCursor);
    new SseFollower(this, response, path, info, floor, lifeNanos(caller))
        .follow(hub, rounds, after);
  }

  /**
   * About the configured lifetime, so that those who came together don't all come back together.
   */
  private long lifeNanos(Caller caller) {
    long lifetime = config.sseLifetime().toNanos();
    long life = lifetime - ThreadLocalRandom.current().nextLong(lifetime / 10 + 1);
    long left = Math.max(0, caller.expiresAt() - clock.millis());
    return Math.min(life, TimeUnit.MILLISECONDS.toNanos(left));
  }

  SseEncoder encoder() {
    return encoder;
  }

  Cursors cursors() {
    return cursors;
  }

  void touch(StreamPath path) {
    hub.store().touch(path);
  }
}
