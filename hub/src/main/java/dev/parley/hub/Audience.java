package dev.parley.hub;

import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicy.SlowFollower;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The followers of one stream on one event loop. The shard owns {@link #count} and {@link
 * #detached}; everything else is confined to the loop.
 *
 * <p>How nothing is lost or repeated: the shard counts a follower in before the loop hears of it,
 * so every commit is either in the store when the follower begins to read, or is handed to this
 * audience afterwards. A follower that is catching up ignores what arrives, and goes live only when
 * it has read as far as anything that arrived. A live one compares each delivery with its position:
 * what overlaps is cut, what leaves a gap sends it back to reading.
 */
final class Audience {
  private static final Logger LOG = System.getLogger(Audience.class.getName());

  // Shard thread.
  int count;
  boolean detached;

  private final Shard shard;
  private final Tail tail;
  private final Executor loop;
  private final SlowFollower slowFollower;
  private final Command left = new Command.Left(this);

  // Loop.
  private @Nullable Thread owner;
  private final ArrayList<Following> members = new ArrayList<>(2);
  private long streamId = Tail.UNKNOWN; // the newest stream that was heard of
  private long seen; // offset of its newest message handed over
  private boolean closed; // whether its end was heard of
  private long deleted = Tail.UNKNOWN; // the newest stream that is known to be gone
  private final Map<Long, CatchUp> catchUps = new HashMap<>(4); // by position, until answered

  Audience(Shard shard, Tail tail, Executor loop, SlowFollower slowFollower) {
    this.shard = shard;
    this.tail = tail;
    this.loop = loop;
    this.slowFollower = slowFollower;
    StreamInfo known = tail.info();
    if (known != null) {
      remember(known);
    }
  }

  Executor loop() {
    return loop;
  }

  Tail tail() {
    return tail;
  }

  StreamPath path() {
    return tail.path;
  }

  Store store() {
    return shard.store();
  }

  SlowFollower slowFollower() {
    return slowFollower;
  }

  Counters counters() {
    return shard.counters();
  }

  /** Whether more was heard than was read: of the stream, or that it is gone. */
  boolean isPast(StreamInfo read) {
    if (read.id() < streamId || read.id() <= deleted) {
      return true;
    }
    return read.id() == streamId && (read.tail() < seen || (closed && !read.closed()));
  }

  void onAdmitted(Following following) {
    assert onLoop();
    if (!following.onAdmitted(this)) {
      shard.leave(left);
      return;
    }
    following.slot = members.size();
    members.add(following);
    if (following.position() == Following.FROM_NOW) {
      following.awaitTail();
    } else {
      following.startCatchUp();
    }
  }

  /** Takes {@code following} out; the last member moves to its place. */
  void remove(Following following) {
    assert onLoop();
    if (members.isEmpty()) {
      return; // all are going
    }
    Following last = members.removeLast();
    if (last != following) {
      members.set(following.slot, last);
      last.slot = following.slot;
    }
    shard.leave(left);
  }

  /**
   * Passes a delivery to everyone who is live.
   *
   * @return how many took it
   */
  int onArrived(Delivery delivery) {
    assert onLoop();
    remember(delivery.info());
    int reached = 0;
    if (!delivery.messages().isEmpty()) {
      reached = pass(delivery);
    }
    if (delivery.info().closed()) {
      for (int i = members.size() - 1; i >= 0; i--) {
        members.get(i).onClosed(delivery.info());
      }
    }
    return reached;
  }

  private int pass(Delivery delivery) {
    int reached = 0;
    long first = delivery.first();
    Delivery rest = delivery; // what the last overlapping follower had not seen
    // Backwards, because a follower that ends is replaced by the last one, which was served.
    for (int i = members.size() - 1; i >= 0; i--) {
      Following following = members.get(i);
      if (!following.takes(delivery)) {
        continue;
      }
      long position = following.position();
      if (position == first - 1) {
        following.deliver(delivery);
      } else if (position < first) {
        following.startCatchUp();
        continue;
      } else {
        if (rest.first() != position + 1) {
          if (rest != delivery) {
            rest.release();
          }
          rest = delivery.after(position);
        }
        following.deliver(rest);
      }
      reached++;
    }
    if (rest != delivery) {
      rest.release();
    }
    delivery.release();
    return reached;
  }

  void onDeleted(long id) {
    assert onLoop();
    deleted = id;
    for (int i = members.size() - 1; i >= 0; i--) {
      members.get(i).onDeleted(id);
    }
  }

  /** Everyone reads the store: what was missed is there. */
  void onBehind() {
    assert onLoop();
    for (CatchUp begun : catchUps.values()) {
      begun.outdate();
    }
    catchUps.clear();
    for (int i = members.size() - 1; i >= 0; i--) {
      if (members.get(i).isLive()) {
        members.get(i).startCatchUp();
      }
    }
  }

  /** The shard has forgotten this audience; nobody needs to sign off. */
  void onGone(Follower.End end) {
    assert onLoop();
    List<Following> all = List.copyOf(members);
    members.clear();
    for (Following following : all) {
      following.end(end);
    }
  }

  /** Reads on for {@code following}, together with everyone here who is at the same position. */
  void catchUp(Following following) {
    ask(following, following.position());
  }

  /** Tells {@code following} where the tail is, at once when that is known. */
  void whenTailKnown(Following following) {
    assert onLoop();
    View view = tail.view; // may be ahead of what was handed over
    if (view == null || view.isOlder(following.streamId(), following.position())) {
      ask(following, CatchUp.TAIL_ONLY);
    } else {
      following.onTailKnown(view.info());
    }
  }

  /** Has what follows {@code position} read, unless that is about to be. */
  void ask(Following following, long position) {
    assert onLoop();
    CatchUp begun = catchUps.get(position);
    if (begun == null) {
      begun = new CatchUp(this, position);
      catchUps.put(position, begun);
      execute(begun);
    }
    begun.add(following);
  }

  /** From here on, who comes to this position begins anew. */
  void answered(CatchUp catchUp) {
    assert onLoop();
    catchUps.remove(catchUp.position(), catchUp);
  }

  /**
   * What memory has after {@code position}; {@code null} when it does not reach back that far, or
   * knows less than those who are there.
   */
  @Nullable Slice recent(long position, long newestStream) {
    View view = tail.view;
    return view == null || view.isOlder(newestStream, position)
        ? null
        : view.slice(position, CatchUp.MAX_MESSAGES, CatchUp.MAX_BYTES);
  }

  /** Runs {@code task} on the loop; one that has ended has nobody left to tell. */
  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.DEBUG, "the followers of {0} outlived their loop", tail.path);
    }
  }

  private void remember(StreamInfo handed) {
    boolean same = handed.id() == streamId;
    streamId = handed.id();
    seen = same ? Math.max(seen, handed.tail()) : handed.tail();
    closed = handed.closed();
  }

  boolean onLoop() {
    Thread current = Thread.currentThread();
    if (owner == null) {
      owner = current;
    }
    return owner == current;
  }
}
