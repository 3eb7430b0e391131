package dev.parley.wire.rest;

import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Subscription;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.Response;
import dev.parley.transport.SharedFrame;
import dev.parley.transport.StreamingBody;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One SSE answer that follows a branch or a run. There are many, so it keeps little. Confined to
 * its response's event loop, but for what never changes.
 */
final class SseAnswer implements Follower {
  private final SseAnswers answers;
  private final EventLoop loop;
  private final StreamingBody body;
  private final SseEncoder encoder;
  private final StreamInfo stream;
  private final String conversation;
  private final String person;
  private final boolean present;
  private final long endNanos;
  private long lastWriteNanos = System.nanoTime();
  private @Nullable Subscription subscription;
  private @Nullable SseRound round;
  private boolean ended;

  /** Where it is in its round, which alone sets it. */
  int place = -1;

  /**
   * @param person empty for one who reads everything and is nobody here
   * @param present whether others see that the person is there
   */
  SseAnswer(
      SseAnswers answers,
      Response response,
      SseEncoder encoder,
      StreamInfo stream,
      String conversation,
      String person,
      boolean present,
      long endNanos) {
    this.answers = answers;
    this.loop = response.loop();
    this.body = response.stream(200);
    this.encoder = encoder;
    this.stream = stream;
    this.conversation = conversation;
    this.person = person;
    this.present = present;
    this.endNanos = endNanos;
    response.onClose(this::leave);
  }

  String conversation() {
    return conversation;
  }

  String person() {
    return person;
  }

  boolean present() {
    return present;
  }

  /** The loop, for timers. */
  EventLoop eventLoop() {
    return loop;
  }

  @Override
  public Executor loop() {
    return loop;
  }

  boolean ended() {
    return ended;
  }

  /** Bytes for this client alone. */
  void write(ByteBuf bytes) {
    body.write(bytes);
    lastWriteNanos = System.nanoTime();
  }

  /** Bytes for several; dropped for who is too slow to hear of what passes. */
  void tell(SharedFrame frame) {
    if (!ended && body.isWritable()) {
      body.write(frame);
      lastWriteNanos = System.nanoTime();
    }
  }

  /** Follows from there, and is looked after from now on. */
  void follow(SseRound round, long after) {
    if (ended) {
      return;
    }
    this.round = round;
    round.add(this);
    body.onWritable(this::onWritable);
    Subscription following = answers.hub().follow(stream.path(), after, this);
    if (ended) {
      following.cancel();
    } else {
      subscription = following;
    }
  }

  @Override
  public boolean onDelivery(Delivery delivery) {
    if (ended) {
      return false;
    }
    if (delivery.info().id() != stream.id()) {
      end(); // another stream at the same path
      return false;
    }
    body.write(encoder.of(delivery));
    lastWriteNanos = System.nanoTime();
    return body.isWritable();
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    if (!ended && info.id() != stream.id()) {
      end(); // replaced between the look at the stream and the following of it
    }
  }

  @Override
  public void onSkipped(long count) {
    end(); // it comes back and reads what it has missed
  }

  @Override
  public void onEnd(End end) {
    end(); // the client comes back for the reason, or hears that there is nothing more
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
    } else if (now - lastWriteNanos >= answers.heartbeatNanos() && body.isWritable()) {
      write(SseEncoder.comment());
    }
  }

  void end() {
    if (!ended) {
      leave();
      body.end();
    }
  }

  private void leave() {
    if (ended) {
      return;
    }
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
    answers.rooms().leave(this);
  }
}
