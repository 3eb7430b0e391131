package dev.parley.wire.rest;

import dev.parley.conversation.request.Rooms;
import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Subscription;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.Response;
import dev.parley.transport.SseBody;
import io.netty.buffer.Unpooled;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One SSE answer that follows a branch or a run. Confined to its response's event loop, but for
 * what never changes.
 */
final class SseAnswer extends SseBody implements Follower, Rooms.Visitor {
  private static final System.Logger LOG = System.getLogger(SseAnswer.class.getName());

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

  @Override
  public String conversation() {
    return conversation;
  }

  @Override
  public String person() {
    return person;
  }

  @Override
  public boolean present() {
    return present;
  }

  @Override
  public ScheduledExecutorService timer() {
    return loop();
  }

  /** Dropped for who is too slow to hear of what passes. */
  @Override
  public void tell(String event, ObjectNode data) {
    onLoop(() -> {
      if (!ended() && isWritable()) {
        write(Unpooled.wrappedBuffer(SseEncoder.passing(event, data)));
      }
    });
  }

  @Override
  public void expel() {
    onLoop(this::end);
  }

  private void onLoop(Runnable task) {
    try {
      loop().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a loop ended, and the answers on it");
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
