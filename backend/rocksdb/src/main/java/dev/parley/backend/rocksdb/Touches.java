package dev.parley.backend.rocksdb;

import dev.parley.stream.StreamPath;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Uses of streams that the disk does not know yet: a touch costs one map entry, and the writer
 * stores it when a twentieth of the time to live has passed. Any thread adds; the writer removes. A
 * crash forgets at most that twentieth.
 */
final class Touches {
  private static final int BOUND = 65_536;

  private final Map<StreamPath, Long> at = new ConcurrentHashMap<>();

  /** Remembers a use. When the bound is reached only streams touched before are taken. */
  void touch(StreamPath path, long now) {
    if (at.size() < BOUND) {
      at.merge(path, now, Math::max);
    } else {
      at.computeIfPresent(path, (p, last) -> Math.max(last, now));
    }
  }

  /** When it was used last, or 0 when the disk knows. */
  long of(StreamPath path) {
    return at.isEmpty() ? 0 : at.getOrDefault(path, 0L);
  }

  boolean crowded() {
    return at.size() > BOUND / 2;
  }

  /** A stream of these paths was touched, as of now. */
  List<Map.Entry<StreamPath, Long>> all() {
    return at.entrySet().stream().map(e -> Map.entry(e.getKey(), e.getValue())).toList();
  }

  /** Forgets a touch that the disk knows, unless there was another since. */
  void forget(StreamPath path, long touchedAt) {
    at.remove(path, touchedAt);
  }
}
