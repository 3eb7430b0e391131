package dev.parley.wire.socketio;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The recent packets of one namespace, by whom they were for, so that a client gets what it missed
 * without a look at what others got. Guarded by the lock of its namespace.
 */
final class Backlog {
  /** The room of all. */
  static final String EVERYONE = "";

  /**
   * A packet that was sent.
   *
   * @param position in the store's change feed
   * @param rooms it went to; none for all
   * @param excepted rooms and ids it did not go to
   */
  record Entry(
      long position, long timeMillis, Set<String> rooms, Set<String> excepted, Delivery delivery) {}

  /** Entries for one room, in order; those before {@code start} have gone. */
  private static final class Shelf {
    final List<Entry> entries = new ArrayList<>(4);
    int start;

    int after(long position) {
      int low = start;
      int high = entries.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (entries.get(middle).position() <= position) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    /** Takes away the oldest; true when nothing is left. */
    boolean drop() {
      start++;
      if (start > 16 && start > entries.size() / 2) {
        entries.subList(0, start).clear();
        start = 0;
      }
      return start == entries.size();
    }
  }

  private final Map<String, Shelf> shelves = new HashMap<>();
  private final ArrayDeque<Entry> order = new ArrayDeque<>();
  private final long maxBytes;
  private long bytes;
  private long floor;

  /**
   * @param floor packets up to this position are not known
   */
  Backlog(long maxBytes, long floor) {
    this.maxBytes = maxBytes;
    this.floor = floor;
  }

  /** The last position of which it does not know everything. */
  long floor() {
    return floor;
  }

  /** Adds the newest. */
  void add(Entry entry) {
    order.add(entry);
    bytes += cost(entry);
    for (String room : shelved(entry)) {
      shelves.computeIfAbsent(room, _ -> new Shelf()).entries.add(entry);
    }
    while (bytes > maxBytes && order.size() > 1) {
      evict();
    }
  }

  /** Adds what was kept before it was known here; what it has already is left out. */
  void addEarlier(List<Entry> entries) {
    TreeMap<Long, Entry> ordered = new TreeMap<>();
    order.forEach(entry -> ordered.put(entry.position(), entry));
    entries.forEach(entry -> ordered.putIfAbsent(entry.position(), entry));
    order.clear();
    shelves.clear();
    bytes = 0;
    ordered.values().forEach(this::add);
  }

  /** Forgets what is older. */
  void expire(long beforeMillis) {
    for (Entry oldest = order.peek();
        oldest != null && oldest.timeMillis() < beforeMillis;
        oldest = order.peek()) {
      evict();
    }
  }

  private void evict() {
    Entry oldest = order.remove();
    bytes -= cost(oldest);
    floor = oldest.position();
    for (String room : shelved(oldest)) {
      Shelf shelf = shelves.get(room);
      if (shelf != null && shelf.drop()) {
        shelves.remove(room);
      }
    }
  }

  private static Collection<String> shelved(Entry entry) {
    return entry.rooms().isEmpty() ? Set.of(EVERYONE) : entry.rooms();
  }

  private static int cost(Entry entry) {
    return entry.delivery().bytes() + 200;
  }

  /**
   * What a socket missed.
   *
   * @param since by room, its id and {@link #EVERYONE} among them: from which position on it is
   *     there
   * @param after the position it has seen
   * @return at most {@code most} in order; {@code null} when something may be missing
   */
  @Nullable List<Entry> missed(Map<String, Long> since, long after, int most) {
    if (after < floor) {
      return null;
    }
    Set<Entry> found = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Map.Entry<String, Long> room : since.entrySet()) {
      gather(found, room.getKey(), since.keySet(), Math.max(after, room.getValue()), most);
    }
    List<Entry> missed = new ArrayList<>(found);
    missed.sort(Comparator.comparingLong(Entry::position));
    return missed.size() > most ? missed.subList(0, most) : missed;
  }

  private void gather(Set<Entry> found, String room, Set<String> rooms, long after, int most) {
    Shelf shelf = shelves.get(room);
    if (shelf == null) {
      return;
    }
    int taken = 0;
    for (int i = shelf.after(after); i < shelf.entries.size() && taken < most; i++) {
      Entry entry = shelf.entries.get(i);
      if (Collections.disjoint(entry.excepted(), rooms)) {
        found.add(entry);
        taken++;
      }
    }
  }

  int size() {
    return order.size();
  }
}
