package dev.parley.stream;

import java.util.LinkedHashMap;
import java.util.Map;

/** The policies in force, first matching pattern wins. Immutable; safe on any thread. */
public final class StreamPolicies {
  private final Map<PathPattern, StreamPolicy> byPattern;
  private final StreamPolicy fallback;

  public StreamPolicies(Map<PathPattern, StreamPolicy> byPattern, StreamPolicy fallback) {
    this.byPattern = new LinkedHashMap<>(byPattern);
    this.fallback = fallback;
  }

  public static StreamPolicies uniform(StreamPolicy policy) {
    return new StreamPolicies(Map.of(), policy);
  }

  public StreamPolicy of(StreamPath path) {
    for (Map.Entry<PathPattern, StreamPolicy> entry : byPattern.entrySet()) {
      if (entry.getKey().matches(path)) {
        return entry.getValue();
      }
    }
    return fallback;
  }
}
