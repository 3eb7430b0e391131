package dev.parley.webhook;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * A body in memory, up to a length; beyond it the answer is cut off. Called by one thread at a
 * time.
 */
final class BoundedBody implements BodySubscriber<byte[]> {
  /** A body is longer than allowed. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private final BodySubscriber<byte[]> whole = BodySubscribers.ofByteArray();
  private final boolean refused;
  private long room;
  private @Nullable Subscription subscription;
  private boolean over;

  /**
   * @param announced length, or 0
   */
  BoundedBody(int most, long announced) {
    this.room = most;
    this.refused = announced > most;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole.getBody();
  }

  @Override
  public void onSubscribe(Subscription to) {
    subscription = to;
    whole.onSubscribe(to);
    if (refused) {
      cutOff();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> pieces) {
    for (ByteBuffer piece : pieces) {
      room -= piece.remaining();
    }
    if (room < 0) {
      cutOff();
    } else if (!over) {
      whole.onNext(pieces);
    }
  }

  private void cutOff() {
    if (!over) {
      over = true;
      Objects.requireNonNull(subscription).cancel();
      whole.onError(new TooLargeException());
    }
  }

  @Override
  public void onError(Throwable failure) {
    if (!over) {
      over = true;
      whole.onError(failure);
    }
  }

  @Override
  public void onComplete() {
    if (!over) {
      over = true;
      whole.onComplete();
    }
  }
}
