package dev.parley.wire.socketio;

import dev.parley.socketio.SlowPolicy;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy for the events of some rooms. Immutable.
 *
 * @param rooms a name, with at most one {@code *}; empty for all events
 */
record SlowRule(String rooms, SlowPolicy policy) {
  SlowRule {
    if (SlowConfig.stars(rooms) > 1) {
      throw new IllegalArgumentException("rooms: " + rooms + " (expected: at most one *)");
    }
  }

  /** Those of the configuration for one namespace. */
  static List<SlowRule> of(Collection<SlowConfig> configured, String namespace) {
    return configured.stream()
        .filter(each -> matches(each.namespace(), namespace))
        .map(SlowConfig::rule)
        .toList();
  }

  /** How an event is treated, or {@code null} when none of it may be missed. */
  static @Nullable Treatment treatment(List<SlowRule> rules, Set<String> to, Values values) {
    for (SlowRule rule : rules) {
      String room = rule.roomAmong(to);
      if (room != null) {
        return rule.policy() instanceof SlowPolicy.Lossless
            ? null
            : new Treatment(rule, room, values);
      }
    }
    return null;
  }

  private @Nullable String roomAmong(Set<String> names) {
    if (rooms.isEmpty()) {
      return "";
    }
    for (String name : names) {
      if (matches(rooms, name)) {
        return name;
      }
    }
    return null;
  }

  private static boolean matches(String pattern, String name) {
    int star = pattern.indexOf('*');
    return star < 0
        ? pattern.equals(name)
        : name.length() >= pattern.length() - 1
            && name.startsWith(pattern.substring(0, star))
            && name.endsWith(pattern.substring(star + 1));
  }
}
