package dev.parley.wire.socketio;

import dev.parley.stream.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The appends of the last while by stream, for clients of an earlier run of the server: until each
 * has come back or its time is over, nobody knows what it followed. Safe on any thread.
 */
final class RecentCommits {
  private static final int MOST = 500_000;

  private final Map<String, List<Change>> byPath = new HashMap<>(); // guarded by this
  private int size; // guarded by this
  private boolean over; // guarded by this

  synchronized void add(Change change) {
    if (over || change.kind() != Change.Kind.APPENDED) {
      return;
    }
    byPath.computeIfAbsent(change.path().value(), _ -> new ArrayList<>(2)).add(change);
    if (++size > MOST) {
      drop();
    }
  }

  /** In feed order, each once. */
  synchronized List<Change> of(String path) {
    TreeMap<Long, Change> ordered = new TreeMap<>();
    for (Change change : byPath.getOrDefault(path, List.of())) {
      ordered.put(change.sequence(), change);
    }
    return List.copyOf(ordered.values());
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
