package dev.parley.hub;

import dev.parley.stream.Slice;
import dev.parley.stream.StreamInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One read of what follows a position, for every follower of an audience that is there: a thousand
 * that come back together cost one read and one encoding. Confined to the loop.
 *
 * <p>Who comes after the question was asked may know more than the answer, and shares the next one
 * instead. So an answer is never older than those who get it, and there is never more than one read
 * under way for a position.
 */
final class CatchUp implements Runnable {
  /** Stands for a position when only the tail is asked for. */
  static final long TAIL_ONLY = -1;

  static final int MAX_MESSAGES = 4096;
  static final int MAX_BYTES = 256 << 10;

  private final Audience audience;
  private final long position;
  private final List<Following> followings = new ArrayList<>(1);
  private int asked; // for so many of the followings; those after them came too late
  private boolean outdated;

  CatchUp(Audience audience, long position) {
    this.audience = audience;
    this.position = position;
  }

  long position() {
    return position;
  }

  void add(Following following) {
    followings.add(following);
  }

  /** Commits were missed since it began, so its answer may fall short of the tail. */
  void outdate() {
    outdated = true;
  }

  @Override
  public void run() {
    assert audience.onLoop();
    asked = followings.size();
    if (position == TAIL_ONLY) {
      answer(audience.store().head(audience.path()), this::onHead);
      return;
    }
    Slice recent = audience.recent(position, newestStream());
    if (recent != null) {
      audience.answered(this);
      onSlice(recent);
      return;
    }
    answer(
        audience.store().read(audience.path(), position, MAX_MESSAGES, MAX_BYTES), this::onSlice);
  }

  /** Comes back to the loop with what the store says. */
  private <T> void answer(CompletableFuture<Optional<T>> answers, Consumer<T> found) {
    var _ =
        answers.whenComplete((answer, failure) ->
            audience.execute(() -> {
              audience.answered(this);
              if (failure != null) {
                endAll(Follower.End.FAILED);
              } else {
                answer.ifPresentOrElse(found, () -> endAll(Follower.End.DELETED));
              }
              askAgain();
            }));
  }

  /** The newest stream that one of its followers is known to follow. */
  private long newestStream() {
    long newest = Tail.UNKNOWN;
    for (Following following : followings) {
      newest = Math.max(newest, following.streamId());
    }
    return newest;
  }

  private void onHead(StreamInfo info) {
    for (Following following : followings.subList(0, asked)) {
      if (following.isCatchingUp()) {
        following.onTailKnown(info);
      }
    }
  }

  private void onSlice(Slice slice) {
    boolean mayGoLive = !outdated && !audience.isPast(slice.info());
    Delivery delivery =
        slice.messages().isEmpty()
            ? null
            : new Delivery(slice.info(), slice.messages(), slice.upToDate());
    for (Following following : followings.subList(0, asked)) {
      if (following.isCatchingUp()) {
        following.onSlice(slice, delivery, mayGoLive);
      }
    }
    if (delivery != null) {
      delivery.release();
    }
  }

  private void endAll(Follower.End end) {
    for (Following following : followings.subList(0, asked)) {
      if (following.isCatchingUp()) {
        following.end(end);
      }
    }
  }

  private void askAgain() {
    for (Following following : followings.subList(asked, followings.size())) {
      if (following.isCatchingUp()) {
        audience.ask(following, position);
      }
    }
  }
}
