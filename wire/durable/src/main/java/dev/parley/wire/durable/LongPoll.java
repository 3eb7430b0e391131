package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Subscription;
import dev.parley.stream.Message;
import dev.parley.stream.Slice;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.HttpError;
import dev.parley.transport.Response;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits for news of one stream (Durable Streams §5.7). Confined to its response's
 * event loop.
 */
final class LongPoll implements Follower {
  private final Reads reads;
  private final Response response;
  private final Caller caller;
  private final ReadRequest wanted;
  private final StreamInfo asked;
  private final long after;

  /** Where its client is: beyond {@code after} when what followed is no more. */
  private long reached;

  private @Nullable Subscription subscription;
  private @Nullable Future<?> timeout;
  private boolean answered;

  private LongPoll(
      Reads reads,
      Response response,
      Caller caller,
      ReadRequest wanted,
      StreamInfo asked,
      long after) {
    this.reads = reads;
    this.response = response;
    this.caller = caller;
    this.wanted = wanted;
    this.asked = asked;
    this.after = after;
    this.reached = after;
  }

  /** Waits until there is something after {@code after}, which was the tail. */
  static void start(
      Reads reads,
      Response response,
      Caller caller,
      StreamPath path,
      ReadRequest wanted,
      StreamInfo asked,
      long after) {
    LongPoll poll = new LongPoll(reads, response, caller, wanted, asked, after);
    long untilExpiry = Math.max(0, caller.expiresAt() - reads.clock().millis());
    long millis = Math.min(reads.config().longPollTimeout().toMillis(), untilExpiry);
    poll.timeout = response.loop().schedule(poll::onTimeout, millis, TimeUnit.MILLISECONDS);
    response.onClose(poll::stop);
    Subscription subscription = reads.hub().follow(path, after, poll);
    if (poll.answered) {
      subscription.cancel();
    } else {
      poll.subscription = subscription;
    }
  }

  /** Nothing came: where the client is, and whether anything ever will (§5.7). */
  static void noNews(Response response, StreamInfo info, long after, long cursor) {
    HttpHeaders headers =
        response
            .headers()
            .set(Fields.NEXT_OFFSET, OffsetToken.format(info.epoch(), after))
            .set(Fields.UP_TO_DATE, "true")
            .set(Fields.CACHE_CONTROL, Fields.NO_STORE);
    if (cursor >= 0) {
      headers.set(Fields.CURSOR, Long.toString(cursor));
    } else {
      headers.set(Fields.CLOSED, "true");
    }
    Replies.send(response, 204);
  }

  @Override
  public Executor loop() {
    return response.loop();
  }

  @Override
  public boolean onDelivery(Delivery delivery) {
    assert response.loop().inEventLoop();
    if (answered) {
      return false;
    }
    stop();
    if (delivery.info().id() != asked.id()) {
      Reads.otherStream().send(response);
      return false;
    }
    List<Message> messages = chunk(delivery.messages());
    Slice slice = new Slice(delivery.info(), after, messages);
    Replies.guarded(response, () -> reads.chunk(response, caller, wanted, slice));
    return false;
  }

  /** As much of {@code messages} as one answer takes; at least one. */
  private List<Message> chunk(List<Message> messages) {
    int count = 1;
    long bytes = messages.getFirst().bytes().length;
    int most = Math.min(messages.size(), wanted.limit());
    while (count < most) {
      bytes += messages.get(count).bytes().length;
      if (bytes > reads.config().chunkBytes()) {
        break;
      }
      count++;
    }
    return messages.subList(0, count);
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    if (answered) {
      return;
    }
    if (info.id() != asked.id()) {
      // Replaced between the look at the stream and the wait for it.
      stop();
      Reads.otherStream().send(response);
      return;
    }
    // It goes on waiting; a closed stream ends the subscription, and so the wait.
    reached = Math.max(reached, info.tail());
  }

  @Override
  public void onEnd(End end) {
    assert response.loop().inEventLoop();
    if (answered) {
      return;
    }
    stop();
    switch (end) {
      case CLOSED -> noNews(response, asked, reached, -1);
      case DELETED -> Refusal.missing().send(response);
      case TRIMMED -> Reads.trimmed().send(response);
      case TOO_SLOW, FAILED ->
          new HttpError(503, "store_failed", "come back later", true).send(response);
      case DRAINING ->
          new HttpError(503, "draining", "the server is going away; come back", true)
              .send(response);
    }
  }

  private void onTimeout() {
    if (answered) {
      return;
    }
    stop();
    noNews(response, asked, reached, reads.cursors().answer(wanted.cursor()));
  }

  private void stop() {
    answered = true;
    Subscription following = subscription;
    if (following != null) {
      following.cancel();
      subscription = null;
    }
    Future<?> timer = timeout;
    if (timer != null) {
      timer.cancel(false);
      timeout = null;
    }
  }
}
