package dev.parley.wire.durable.subscription;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every subscription, by id and by what concerns it. Confined to the owner's thread. */
final class Registry {
  private final Map<String, Entry> byId = new HashMap<>();
  private final Map<String, List<Entry>> byExplicitPath = new HashMap<>();
  private final Map<String, List<Entry>> byFirstSegment = new HashMap<>(); // of the pattern

  void add(Entry entry) {
    byId.put(entry.id(), entry);
    String head = firstSegment(entry);
    if (head != null) {
      byFirstSegment.computeIfAbsent(head, _ -> new ArrayList<>()).add(entry);
    }
    for (Link link : entry.state.links.all()) {
      if (link.explicit) {
        addExplicit(entry, link.path);
      }
    }
  }

  void remove(Entry entry) {
    byId.remove(entry.id());
    String head = firstSegment(entry);
    if (head != null) {
      removeFrom(byFirstSegment, head, entry);
    }
    for (Link link : entry.state.links.all()) {
      removeFrom(byExplicitPath, link.path, entry);
    }
  }

  void addExplicit(Entry entry, String path) {
    List<Entry> entries = byExplicitPath.computeIfAbsent(path, _ -> new ArrayList<>(1));
    if (!entries.contains(entry)) {
      entries.add(entry);
    }
  }

  void removeExplicit(Entry entry, String path) {
    removeFrom(byExplicitPath, path, entry);
  }

  private static void removeFrom(Map<String, List<Entry>> index, String key, Entry entry) {
    index.computeIfPresent(
        key,
        (_, entries) -> {
          entries.remove(entry);
          return entries.isEmpty() ? null : entries;
        });
  }

  /** The literal first segment of the pattern, {@code *} when it is none; null without pattern. */
  private static @Nullable String firstSegment(Entry entry) {
    var pattern = entry.state.definition.pattern();
    if (pattern == null) {
      return null;
    }
    String value = pattern.value();
    int slash = value.indexOf('/');
    String head = slash < 0 ? value : value.substring(0, slash);
    return head.contains("*") ? "*" : head;
  }

  @Nullable Entry find(String id) {
    return byId.get(id);
  }

  int size() {
    return byId.size();
  }

  List<Entry> all() {
    return List.copyOf(byId.values());
  }

  /** Those that are linked to {@code path} or would be. */
  List<Entry> concerned(String path) {
    int slash = path.indexOf('/');
    List<Entry> found = new ArrayList<>(2);
    addMatching(byFirstSegment.get(slash < 0 ? path : path.substring(0, slash)), path, found);
    addMatching(byFirstSegment.get("*"), path, found);
    for (Entry entry : byExplicitPath.getOrDefault(path, List.of())) {
      if (!found.contains(entry)) {
        found.add(entry);
      }
    }
    return found;
  }

  private static void addMatching(@Nullable List<Entry> entries, String path, List<Entry> found) {
    if (entries != null) {
      for (Entry entry : entries) {
        if (entry.state.definition.matches(path)) {
          found.add(entry);
        }
      }
    }
  }
}
