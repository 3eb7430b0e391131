package dev.parley.hub;

import dev.parley.stream.Slice;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicy.SlowFollower;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One follower's position in one stream: all that a slow follower costs. Confined to the follower's
 * loop once it is admitted; {@link #resume} and {@link #cancel} may come from any thread.
 */
final class Following implements Subscription {
  private static final Logger LOG = System.getLogger(Following.class.getName());

  /** Position of one who wants only what comes. */
  static final long FROM_NOW = -1;

  enum State {
    /** The shard has not admitted it yet. */
    JOINING,
    /** It is reading what it has not seen; what arrives meanwhile it will read too. */
    CATCHING_UP,
    /** It has seen everything its audience was handed. */
    LIVE,
    /** It takes nothing until it resumes. */
    LAGGING,
    ENDED
  }

  final StreamPath path;
  final Follower follower;
  int slot; // place in its audience
  private State state = State.JOINING;
  private long streamId = Tail.UNKNOWN; // a path may get another stream; a follower does not
  private long position; // offset of the last message it has seen
  private boolean fromFirst; // takes whatever is the first message, as long as it has seen none
  private boolean wasLive;
  private volatile boolean cancelled;
  private @Nullable Audience audience;

  Following(StreamPath path, long after, Follower follower) {
    this.path = path;
    this.position = after;
    this.fromFirst = after == 0;
    this.follower = follower;
  }

  @Override
  public void resume() {
    post(this::onResume);
  }

  @Override
  public void cancel() {
    cancelled = true;
    post(this::leave);
  }

  /** Never admitted, for {@code why}. On any thread. */
  void refuse(Follower.End why) {
    post(() -> end(why));
  }

  private void post(Runnable task) {
    try {
      follower.loop().execute(task);
    } catch (RejectedExecutionException ended) {
      // The loop has ended, and so has whoever lived on it; the shard notices at its next delivery.
      LOG.log(Level.DEBUG, "a follower of {0} outlived its loop", path);
    }
  }

  State state() {
    return state;
  }

  long position() {
    return position;
  }

  /** Of the stream it follows, once it has found out. */
  long streamId() {
    return streamId;
  }

  boolean isCatchingUp() {
    return state == State.CATCHING_UP && !cancelled;
  }

  boolean isLive() {
    return state == State.LIVE && !cancelled;
  }

  /** Takes its place in an audience; false when it is gone already. */
  boolean onAdmitted(Audience to) {
    if (cancelled || state != State.JOINING) {
      return false;
    }
    audience = to;
    return true;
  }

  void startCatchUp() {
    state = State.CATCHING_UP;
    audience().counters().catchUps.increment();
    audience().catchUp(this);
  }

  void awaitTail() {
    state = State.CATCHING_UP;
    audience().counters().catchUps.increment();
    audience().whenTailKnown(this);
  }

  /** Whether {@code info} is of its stream, and not of one that had or has the same path. */
  private boolean follows(StreamInfo info) {
    if (streamId == Tail.UNKNOWN) {
      streamId = info.id();
    }
    return streamId == info.id() && !info.deleted();
  }

  /** Goes to the newest message, or behind it when it wants only what comes. */
  void onTailKnown(StreamInfo info) {
    if (!follows(info)) {
      end(Follower.End.DELETED);
      return;
    }
    long tail = info.tail();
    if (position == FROM_NOW) {
      position = tail;
    } else if (tail - 1 > position) {
      skipTo(tail - 1);
    }
    if (isCatchingUp()) {
      audience().catchUp(this);
    }
  }

  /** Its stream is gone; one that has not found out which that is learns it from the store. */
  void onDeleted(long id) {
    if (streamId == id) {
      end(Follower.End.DELETED);
    }
  }

  /** Whether what arrived for its path is news to it: a follower of an earlier stream ends. */
  boolean takes(Delivery arrived) {
    if (!isLive() || arrived.info().id() < streamId) {
      return false;
    }
    if (!follows(arrived.info())) {
      end(Follower.End.DELETED);
      return false;
    }
    return position < arrived.last();
  }

  /** Takes the next messages, all of them unseen. */
  void deliver(Delivery delivery) {
    boolean live = state == State.LIVE;
    boolean more;
    try {
      more = follower.onDelivery(delivery);
    } catch (RuntimeException e) {
      fail(e);
      return;
    }
    position = delivery.last();
    fromFirst = false;
    audience().counters().delivered.add(delivery.messages().size());
    if (!more) {
      if (live && audience().slowFollower() == SlowFollower.DISCONNECT) {
        end(Follower.End.TOO_SLOW);
      } else {
        state = State.LAGGING;
        audience().counters().lagging.increment();
      }
    }
  }

  /**
   * Takes what was read for its position.
   *
   * @param delivery the messages of {@code slice}, or {@code null} when there are none
   */
  void onSlice(Slice slice, @Nullable Delivery delivery, boolean mayGoLive) {
    StreamInfo info = slice.info();
    if (!follows(info) || position > info.tail()) {
      end(Follower.End.DELETED);
      return;
    }
    if (!fromFirst && info.first() > position + 1) {
      if (audience().slowFollower() != SlowFollower.LATEST) {
        end(Follower.End.TRIMMED);
        return;
      }
      skipTo(info.first() - 1);
      if (!isCatchingUp()) {
        return;
      }
    }
    if (delivery != null) {
      deliver(delivery);
    } else if (info.first() > info.tail()) {
      position = info.tail(); // all of it is trimmed, or there never was any
    }
    if (!isCatchingUp()) {
      return;
    }
    if (mayGoLive && position >= info.tail()) {
      goLive(info);
    } else {
      audience().catchUp(this);
    }
  }

  private void goLive(StreamInfo info) {
    state = State.LIVE;
    wasLive = true;
    fromFirst = false; // also of an empty stream it has now seen all there was
    try {
      follower.onCaughtUp(info);
    } catch (RuntimeException e) {
      fail(e);
      return;
    }
    if (info.closed()) {
      end(Follower.End.CLOSED);
    }
  }

  /** Nothing comes after the last message of a closed stream. */
  void onClosed(StreamInfo info) {
    if (!isLive() || info.id() != streamId) {
      return;
    }
    if (position >= info.tail()) {
      end(Follower.End.CLOSED);
    } else {
      startCatchUp();
    }
  }

  private void onResume() {
    if (state != State.LAGGING || cancelled) {
      return;
    }
    audience().counters().lagging.decrement();
    if (wasLive && audience().slowFollower() == SlowFollower.LATEST) {
      awaitTail();
    } else {
      startCatchUp();
    }
  }

  private void skipTo(long offset) {
    long skipped = offset - position;
    position = offset;
    try {
      follower.onSkipped(skipped);
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void fail(RuntimeException thrown) {
    LOG.log(Level.ERROR, "a follower of " + path + " failed, and is dropped", thrown);
    end(Follower.End.FAILED);
  }

  void end(Follower.End why) {
    if (state == State.ENDED) {
      return;
    }
    boolean tell = !cancelled;
    leave();
    if (tell) {
      try {
        follower.onEnd(why);
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "a follower of " + path + " failed at its end", e);
      }
    }
  }

  private void leave() {
    if (state == State.ENDED) {
      return;
    }
    if (state == State.LAGGING) {
      audience().counters().lagging.decrement();
    }
    state = State.ENDED;
    if (audience != null) {
      audience.remove(this);
    }
  }

  private Audience audience() {
    Audience mine = audience;
    if (mine == null) {
      throw new IllegalStateException("a follower of " + path + " was not admitted");
    }
    return mine;
  }
}
