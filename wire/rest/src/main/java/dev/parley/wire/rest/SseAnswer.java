package dev.parley.wire.rest;

import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Subscription;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.Response;
import dev.parley.transport.SharedFrame;
import dev.parley.transport.SseBody;
import org.jspecify.annotations.Nullable;

/**
 * One SSE answer that follows a branch or a run. Confined to its response's event loop, but for
 * what never changes.
 */
final class SseAnswer extends SseBody implements Follower {
  private final SseAnswers answers;
  private final SseEncoder encoder;
  private final StreamInfo stream;
  private final String conversation;
  private final String person;
  private final boolean present;
  private @Nullable Subscription subscription;

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
      long lifeNanos) {
    super(response, lifeNanos);
    this.answers = answers;
    this.encoder = encoder;
    this.stream = stream;
    this.conversation = conversation;
    this.person = person;
    this.present = present;
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

  /** Bytes for several; dropped for who is too slow to hear of what passes. */
  void tell(SharedFrame frame) {
    if (!ended() && isWritable()) {
      write(frame);
    }
  }

  /** Follows from there. */
  void follow(long after) {
    if (ended()) {
      return;
    }
    Subscription following = answers.hub().follow(stream.path(), after, this);
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
    if (delivery.info().id() != stream.id()) {
      end(); // another stream at the same path
      return false;
    }
    write(encoder.of(delivery));
    return isWritable();
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    if (!ended() && info.id() != stream.id()) {
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

  @Override
  protected void onWritable() {
    Subscription following = subscription;
    if (following != null) {
      following.resume();
    }
  }

  @Override
  protected void onLeave() {
    Subscription following = subscription;
    if (following != null) {
      subscription = null;
      following.cancel();
    }
    answers.rooms().leave(this);
  }
}
