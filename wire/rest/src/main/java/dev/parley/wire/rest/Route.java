package dev.parley.wire.rest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A method and an address, and who answers it. Immutable.
 *
 * @param template of the address, with {@code {names}} for whole segments
 */
record Route(String method, String template, List<String> segments, Consumer<Call> answer) {
  static Route of(String method, String template, Consumer<Call> answer) {
    return new Route(method, template, List.of(template.split("/", -1)), answer);
  }

  /** What stands for the names in an address, {@code null} when it is another one. */
  @Nullable Map<String, String> match(List<String> address) {
    if (address.size() != segments.size()) {
      return null;
    }
    Map<String, String> names = new HashMap<>(4);
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      String found = address.get(i);
      if (segment.startsWith("{")) {
        if (found.isEmpty()) {
          return null;
        }
        names.put(segment.substring(1, segment.length() - 1), found);
      } else if (!segment.equals(found)) {
        return null;
      }
    }
    return names;
  }
}
