package dev.parley.wire.durable;

import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Hub;
import dev.parley.hub.Subscription;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.Response;
import dev.parley.transport.SharedFrame;
import dev.parley.transport.StreamingBody;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One SSE answer that follows a stream (Durable Streams §5.8). There are many, so it keeps little.
 * Confined to its response's event loop.
 */
final class SseFollower implements Follower {
  private final SseAnswers answers;
  private final Executor loop;
  private final StreamingBody body;
  private final StreamPath path;
  private final long streamId;
  private final long epoch;
  private final boolean sliding;

  /** Least cursor it may be sent; 0 for the common one. */
  private final long floor;

  private final long endNanos;
  private long lastWriteNanos;

  /** Where its client is. */
  private long offset;

  private @Nullable Subscription subscription;
  private @Nullable SseRound round;
  private boolean toldUpToDate;
  private boolean toldClosed;
  private boolean ended;

  /** Where it is in its round, which alone sets it. */
  int place = -1;

  SseFollower(
      SseAnswers answers,
      Response response,
      StreamingBody body,
      StreamPath path,
      StreamInfo info,
      long floor,
      long endNanos) {
    this.answers = answers;
    this.loop = response.loop();
    this.body = body;
    this.path = path;
    this.streamId = info.id();
    this.epoch = info.epoch();
    this.sliding = info.ttlSeconds() >= 0;
    this.floor = floor;
    this.endNanos = endNanos;
    this.lastWriteNanos = System.nanoTime();
    response.onClose(this::leave);
  }

  void begin(Hub hub, SseRound round, long after) {
    if (ended) {
      return;
    }
    this.round = round;
    offset = after;
    round.add(this);
    body.onWritable(this::onWritable);
    Subscription following = hub.follow(path, after, this);
    if (ended) {
      following.cancel();
    } else {
      subscription = following;
    }
  }

  @Override
  public Executor loop() {
    return loop;
  }

  @Override
  public boolean onDelivery(Delivery delivery) {
    if (ended) {
      return false;
    }
    if (delivery.info().id() != streamId) {
      end(); // another stream at the same path: the client's next request will hear of it
      return false;
    }
    SseBatch batch = answers.encoder().whole(delivery);
    if (batch.cursor() >= floor) {
      for (SharedFrame frame : batch.frames()) {
        body.write(frame);
      }
    } else {
      writeParts(delivery);
    }
    offset = delivery.messages().getLast().offset();
    toldUpToDate = delivery.upToDate();
    toldClosed = SseBatch.ends(delivery);
    lastWriteNanos = System.nanoTime();
    return body.isWritable();
  }

  /** The data everyone gets, with control events whose cursor suits this client. */
  private void writeParts(Delivery delivery) {
    SseBatch batch = answers.encoder().parts(delivery);
    for (int i = 0; i < batch.frames().size(); i++) {
      boolean last = i == batch.frames().size() - 1;
      body.write(batch.frames().get(i));
      body.write(
          SseEncoder.control(
              epoch,
              batch.offsets().get(i),
              floor,
              last && delivery.upToDate(),
              last && SseBatch.ends(delivery)));
    }
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    if (ended) {
      return;
    }
    if (info.id() != streamId) {
      end(); // replaced between the look at the stream and the following of it
      return;
    }
    if (toldUpToDate && offset >= info.tail()) {
      return;
    }
    offset = Math.max(offset, info.tail()); // never back, whatever was read last
    tell(info.closed());
  }

  /** That it is up to date, and whether for good. */
  private void tell(boolean closed) {
    long cursor = Math.max(floor, answers.cursors().current());
    body.write(SseEncoder.control(epoch, offset, cursor, true, closed));
    toldUpToDate = true;
    toldClosed = closed;
    lastWriteNanos = System.nanoTime();
  }

  @Override
  public void onEnd(End end) {
    if (ended) {
      return;
    }
    if (end == End.CLOSED && !toldClosed) {
      tell(true);
    }
    // However it ended, the client comes back for the reason, or knows there is nothing more.
    end();
  }

  private void onWritable() {
    Subscription following = subscription;
    if (following != null) {
      following.resume();
    }
  }

  void onTick(long now) {
    if (now - endNanos >= 0) {
      end();
      return;
    }
    if (now - lastWriteNanos >= answers.heartbeatNanos()) {
      lastWriteNanos = now;
      if (body.isWritable()) {
        body.write(SseEncoder.comment());
      }
    }
    if (sliding) {
      answers.touch(path); // §5.1: a stream with live readers does not expire
    }
  }

  private void end() {
    leave();
    body.end();
  }

  private void leave() {
    ended = true;
    Subscription following = subscription;
    if (following != null) {
      subscription = null;
      following.cancel();
    }
    SseRound mine = round;
    if (mine != null) {
      round = null;
      mine.remove(this);
    }
  }
}
