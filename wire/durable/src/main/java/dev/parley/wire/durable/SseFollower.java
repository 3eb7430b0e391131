package dev.parley.wire.durable;

import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Hub;
import dev.parley.hub.Subscription;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.Response;
import dev.parley.transport.SharedFrame;
import dev.parley.transport.SseBody;
import dev.parley.transport.SseRounds;
import org.jspecify.annotations.Nullable;

/**
 * One SSE answer that follows a stream (Durable Streams §5.8). Confined to its response's event
 * loop.
 */
final class SseFollower extends SseBody implements Follower {
  private final SseAnswers answers;
  private final StreamPath path;
  private final long streamId;
  private final long epoch;
  private final boolean sliding;

  /** Least cursor it may be sent; 0 for the common one. */
  private final long floor;

  /** Where its client is. */
  private long offset;

  private @Nullable Subscription subscription;
  private boolean toldUpToDate;
  private boolean toldClosed;

  SseFollower(
      SseAnswers answers,
      Response response,
      StreamPath path,
      StreamInfo info,
      long floor,
      long lifeNanos) {
    super(response, lifeNanos);
    this.answers = answers;
    this.path = path;
    this.streamId = info.id();
    this.epoch = info.epoch();
    this.sliding = info.ttlSeconds() >= 0;
    this.floor = floor;
  }

  void follow(Hub hub, SseRounds rounds, long after) {
    begin(rounds);
    if (ended()) {
      return;
    }
    offset = after;
    Subscription following = hub.follow(path, after, this);
    if (ended()) {
      following.cancel();
    } else {
      subscription = following;
    }
  }

  @Override
  public boolean onDelivery(Delivery delivery) {
    if (ended()) {
      return false;
    }
    if (delivery.info().id() != streamId) {
      end(); // another stream at the same path: the client's next request will hear of it
      return false;
    }
    SseBatch batch = answers.encoder().whole(delivery);
    if (batch.cursor() >= floor) {
      for (SharedFrame frame : batch.frames()) {
        write(frame);
      }
    } else {
      writeParts(delivery);
    }
    offset = delivery.messages().getLast().offset();
    toldUpToDate = delivery.upToDate();
    toldClosed = SseBatch.ends(delivery);
    return isWritable();
  }

  /** The data everyone gets, with control events whose cursor suits this client. */
  private void writeParts(Delivery delivery) {
    SseBatch batch = answers.encoder().parts(delivery);
    for (int i = 0; i < batch.frames().size(); i++) {
      boolean last = i == batch.frames().size() - 1;
      write(batch.frames().get(i));
      write(
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
    if (ended()) {
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
    write(SseEncoder.control(epoch, offset, cursor, true, closed));
    toldUpToDate = true;
    toldClosed = closed;
  }

  @Override
  public void onEnd(End end) {
    if (ended()) {
      return;
    }
    if (end == End.CLOSED && !toldClosed) {
      tell(true);
    }
    // However it ended, the client comes back for the reason, or knows there is nothing more.
    end();
  }

  @Override
  protected void onWritable() {
    Subscription following = subscription;
    if (following != null) {
      following.resume();
    }
  }

  @Override
  protected void onTick() {
    if (sliding) {
      answers.touch(path); // §5.1: a stream with live readers does not expire
    }
  }

  @Override
  protected void onLeave() {
    Subscription following = subscription;
    if (following != null) {
      subscription = null;
      following.cancel();
    }
  }
}
