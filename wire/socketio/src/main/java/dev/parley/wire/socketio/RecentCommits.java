package dev.parley.wire.socketio;

import dev.parley.stream.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The appends of the last while by stream, for clients of an earlier run of the server: until each
 * has come back or its time is over, nobody knows what it followed. A busy server has hundreds of
 * thousands, so each is three numbers in an array and no object. Safe on any thread.
 */
final class RecentCommits {
  private static final int MOST = 500_000;

  /** An append: its place in the feed, and the offsets it brought. */
  record Appended(long sequence, long first, long last) {}

  /** The appends of one stream. Guarded by {@link RecentCommits}. */
  private static final class Appends {
    private static final int FIELDS = 3;

    private long[] numbers = new long[2 * FIELDS];
    private int length;

    void add(Change change) {
      if (length == numbers.length) {
        numbers = Arrays.copyOf(numbers, length + length / (2 * FIELDS) * FIELDS + FIELDS);
      }
      numbers[length++] = change.sequence();
      numbers[length++] = change.first();
      numbers[length++] = change.last();
    }

    List<Appended> all() {
      List<Appended> all = new ArrayList<>(length / FIELDS);
      for (int i = 0; i < length; i += FIELDS) {
        all.add(new Appended(numbers[i], numbers[i + 1], numbers[i + 2]));
      }
      return all;
    }
  }

  private final Map<String, Appends> byPath = new HashMap<>(); // guarded by this
  private int size; // guarded by this
  private boolean over; // guarded by this

  synchronized void add(Change change) {
    if (over || change.kind() != Change.Kind.APPENDED) {
      return;
    }
    byPath.computeIfAbsent(change.path().value(), _ -> new Appends()).add(change);
    if (++size > MOST) {
      drop();
    }
  }

  /** In feed order, each once. */
  synchronized List<Appended> of(String path) {
    Appends appends = byPath.get(path);
    return appends == null
        ? List.of()
        : appends.all().stream()
            .distinct()
            .sorted(Comparator.comparingLong(Appended::sequence))
            .toList();
  }

  /** Whether it still knows everything it was told. */
  synchronized boolean isComplete() {
    return !over;
  }

  synchronized void drop() {
    over = true;
    byPath.clear();
  }
}
