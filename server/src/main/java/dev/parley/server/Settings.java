package dev.parley.server;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What was written down, later layers over earlier ones. Confined to one thread. */
final class Settings {
  private static final Pattern INDEX = Pattern.compile("\\[\\d+]");

  private final Map<String, Setting> byKey = new TreeMap<>();

  /** Lays one layer over what is there. A list replaces the whole list below it. */
  void overlay(Collection<Setting> layer) {
    for (Setting setting : layer) {
      String root = INDEX.split(setting.key(), 2)[0];
      byKey.keySet().removeIf(key -> key.equals(root) || key.startsWith(root + "["));
    }
    for (Setting setting : layer) {
      byKey.put(setting.key(), setting);
    }
  }

  @Nullable Setting get(String key) {
    return byKey.get(key);
  }

  Collection<Setting> all() {
    return byKey.values();
  }

  /** Whether anything is set at or below {@code key}. */
  boolean hasAny(String key) {
    return byKey.keySet().stream()
        .anyMatch(k -> k.equals(key) || k.startsWith(key + ".") || k.startsWith(key + "["));
  }

  /**
   * The key without its list positions: {@code streams[3].pattern} is {@code streams[].pattern}.
   */
  static String shape(String key) {
    return INDEX.matcher(key).replaceAll("[]");
  }
}
