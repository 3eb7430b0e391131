package dev.parley.wire.aisdk;

import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Hub;
import dev.parley.hub.Subscription;
import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.Response;
import dev.parley.transport.SharedFrame;
import dev.parley.transport.SseBody;
import dev.parley.transport.SseRounds;
import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One answer that shows a reply: what there is as one piece, then what comes. Confined to its
 * response's event loop.
 */
final class ReplyFollower extends SseBody implements Follower {
  private final Framing framing;
  private final Reading reading;
  private final int joinBytes;
  private final Function<Delivery, Encoded> encode = this::encode;
  private @Nullable Chunks joined; // while it catches up
  private @Nullable Subscription subscription;

  /** A delivery as events, and where the reply then is; for all followers of the event loop. */
  private record Encoded(SharedFrame frame, ReplyState after) implements AutoCloseable {
    @Override
    public void close() {
      frame.release();
    }
  }

  ReplyFollower(
      Framing framing, Reading reading, Response response, int joinBytes, long lifeNanos) {
    super(framing.begin(response), lifeNanos);
    this.framing = framing;
    this.reading = reading;
    this.joinBytes = joinBytes;
  }

  void follow(Hub hub, StreamPath path, SseRounds rounds) {
    begin(rounds);
    if (ended()) {
      return;
    }
    joined = new Chunks();
    Subscription following = hub.follow(path, 0, this);
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
    Chunks mine = joined;
    if (mine == null) {
      Encoded encoded = delivery.encoded(framing, encode);
      write(encoded.frame());
      reading.advance(encoded.after(), delivery.messages().getLast().offset());
      endIfComplete();
    } else {
      reading.take(delivery.messages(), mine);
      if (mine.bytes() > joinBytes) {
        write(mine, false);
      }
    }
    if (!ended() && !isWritable()) {
      joined = mine == null ? new Chunks() : mine; // it will catch up
      return false;
    }
    return !ended();
  }

  private Encoded encode(Delivery delivery) {
    Chunks out = new Chunks();
    ReplyState after = reading.state().copy();
    for (Message message : delivery.messages()) {
      after.take(message.bytes(), out);
    }
    after.settle(out);
    ByteBuf frame =
        framing.frame(out.take(), delivery.messages().getLast().offset(), after.ended());
    return new Encoded(SharedFrame.of(frame), after);
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    Chunks mine = joined;
    if (ended() || mine == null) {
      return;
    }
    reading.settle(mine);
    joined = null;
    write(mine, reading.state().ended());
    endIfComplete();
  }

  private void write(Chunks chunks, boolean last) {
    if (chunks.bytes() > 0 || last || framing == Framing.DURABLE) {
      write(framing.frame(chunks.take(), reading.offset(), last));
    }
  }

  private void endIfComplete() {
    if (reading.pauses()) {
      Chunks pause = new Chunks();
      ReplyState.pause(pause);
      write(pause, true);
      end();
    } else if (reading.state().ended()) {
      end();
    }
  }

  @Override
  public void onEnd(End end) {
    if (ended()) {
      return;
    }
    switch (end) {
      case CLOSED, DELETED, TRIMMED -> {
        Chunks gone = new Chunks();
        gone.add(
            Chunks.chunk("error")
                .put("errorText", "This reply is not kept any more; load the chat again."));
        write(gone, true);
        end();
      }
      case TOO_SLOW, FAILED, DRAINING -> abort(); // which a page takes for the network's fault
    }
  }

  @Override
  protected void onWritable() {
    Subscription following = subscription;
    if (following != null) {
      following.resume();
    }
  }

  @Override
  protected void onExpired() {
    abort();
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
