package dev.parley.hub;

import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a shard that have a place in memory, within a bound of bytes. Confined to the
 * shard thread, except for {@link #get}, which anyone may call.
 *
 * <p>Over the bound, the least recently used gives way: a stream that nobody follows wholly, a
 * followed one its messages.
 */
final class Tails {
  private final long bytesBound;
  private final Counters counters;
  private final Map<StreamPath, Tail> byPath = new ConcurrentHashMap<>();
  private final LinkedHashMap<StreamPath, Tail> evictable = new LinkedHashMap<>();
  private long bytes;

  Tails(long bytesBound, Counters counters) {
    this.bytesBound = bytesBound;
    this.counters = counters;
  }

  @Nullable Tail get(StreamPath path) {
    return byPath.get(path);
  }

  Tail getOrOpen(StreamPath path) {
    Tail known = byPath.get(path);
    if (known != null) {
      return known;
    }
    Tail tail = new Tail(path);
    byPath.put(path, tail);
    counters.liveStreams.increment();
    return tail;
  }

  Collection<Tail> all() {
    return byPath.values();
  }

  /** Counts what {@code tail} weighs now, as the most recently used of those that can give. */
  void recharge(Tail tail) {
    if (byPath.get(tail.path) != tail) {
      return;
    }
    charge(tail, tail.weight());
    if (tail.followed() && !tail.holdsMessages()) {
      evictable.remove(tail.path);
    } else {
      evictable.putLast(tail.path, tail);
    }
  }

  /** Counts a tail that has forgotten all; only its followers keep its place. */
  void forgot(Tail tail) {
    if (tail.followed()) {
      recharge(tail);
    } else {
      discard(tail);
    }
  }

  /** Comes back within the bound. */
  void evict() {
    while (bytes > bytesBound && !evictable.isEmpty()) {
      Tail eldest = evictable.firstEntry().getValue();
      if (!eldest.followed()) {
        discard(eldest);
        continue;
      }
      eldest.shrink(evictable.size() > 1);
      charge(eldest, eldest.weight());
      if (!eldest.holdsMessages()) {
        evictable.remove(eldest.path);
      }
    }
  }

  /** Lets go of what nobody follows and nobody touched for {@code idleNanos}. */
  void sweep(long now, long idleNanos) {
    List<Tail> unused = new ArrayList<>();
    for (Tail tail : evictable.values()) {
      if (now - tail.touchedNanos < idleNanos) {
        break;
      }
      if (!tail.followed()) {
        unused.add(tail);
      }
    }
    unused.forEach(this::discard);
  }

  private void discard(Tail tail) {
    byPath.remove(tail.path, tail);
    evictable.remove(tail.path, tail);
    charge(tail, 0);
    counters.liveStreams.decrement();
  }

  private void charge(Tail tail, long weight) {
    long change = weight - tail.charge;
    tail.charge = weight;
    bytes += change;
    counters.ringBytes.add(change);
  }
}
