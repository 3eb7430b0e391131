package dev.parley.wire.openai;

import dev.parley.conversation.ConversationPaths;
import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Hub;
import dev.parley.hub.Subscription;
import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Hears a run from its beginning, for one request; one whose stream is gone as its conversation
 * remembers it. Confined to the request's loop.
 */
final class Listening implements Follower {
  /** Who makes an answer of it. */
  interface Teller {
    /** Says whether it can take more at once. */
    boolean heard(RunMessage message);

    /** What is heard from here on is what the conversation remembers, in larger pieces. */
    default void remembering() {}

    /** All that was said so far has been heard. */
    default void caughtUp() {}

    /** There is no more to hear here for now, and it is not the end. */
    void broken();
  }

  private final Executor loop;
  private final Answering answering;
  private final Teller teller;
  private @Nullable Subscription subscription;
  private boolean heard;
  private boolean over;

  Listening(Executor loop, Answering answering, Teller teller) {
    this.loop = loop;
    this.answering = answering;
    this.teller = teller;
  }

  void begin(Hub hub) {
    Subscription following = hub.follow(ConversationPaths.run(answering.run()), 0, this);
    if (over) {
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
    boolean more = true;
    for (Message message : delivery.messages()) {
      more = hear(RunMessage.read(message.bytes()));
    }
    return more;
  }

  private boolean hear(RunMessage message) {
    if (over) {
      return false;
    }
    heard = true;
    over = message instanceof RunMessage.End;
    boolean more = teller.heard(message);
    if (over) {
      cancel();
    }
    return more;
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    if (!over) {
      teller.caughtUp();
    }
  }

  @Override
  public void onEnd(End end) {
    if (over) {
      return;
    }
    if (end == End.DELETED && !heard && !answering.remembered().isEmpty()) {
      teller.remembering();
      hear(new RunMessage.Other()); // in place of the head
      answering.remembered().forEach(this::hear);
      return;
    }
    over = true;
    teller.broken();
  }

  /** There is no more to hear for whoever asked. */
  void breakOff() {
    if (!over) {
      cancel();
      teller.broken();
    }
  }

  void resume() {
    if (subscription != null) {
      subscription.resume();
    }
  }

  void cancel() {
    over = true;
    if (subscription != null) {
      subscription.cancel();
      subscription = null;
    }
  }
}
