package dev.parley.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The configuration in force and where each value came from: flags before environment before file
 * before defaults. Immutable.
 */
record Configuration(ServerConfig config, List<RecordBinder.Entry> entries) {
  private static final String ENVIRONMENT = "PARLEY_";

  /** What the launcher and the command line read themselves. */
  private static final Set<String> NOT_KEYS = Set.of("PARLEY_CONFIG", "PARLEY_JAVA_OPTIONS");

  /**
   * @param flags values by key, with the flag they came from as the source
   * @throws ConfigException with every problem found
   */
  static Configuration load(
      @Nullable Path file, Map<String, String> environment, List<Setting> flags) {
    Set<String> known = RecordBinder.keys(ServerConfig.defaults());
    Settings settings = new Settings();
    if (file != null) {
      settings.overlay(YamlSettings.read(file));
    }
    settings.overlay(fromEnvironment(environment, known));
    settings.overlay(flags);
    RecordBinder binder = new RecordBinder(settings);
    ServerConfig config = binder.bind(ServerConfig.defaults());
    return new Configuration(config, List.copyOf(binder.entries()));
  }

  /** Reads {@code KEY=VALUE} as flags give it. */
  static Setting flag(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new ConfigException("--set: " + text + " (expected: KEY=VALUE)");
    }
    return new Setting(text.substring(0, equals).strip(), text.substring(equals + 1), "--set");
  }

  private static List<Setting> fromEnvironment(Map<String, String> environment, Set<String> known) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String key : known) {
      byName.put(name(key), key);
    }
    List<Setting> settings = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    environment.forEach((name, value) -> {
      if (!name.startsWith(ENVIRONMENT) || NOT_KEYS.contains(name)) {
        return;
      }
      String key = byName.get(name);
      if (key == null) {
        String nearest = NearestKey.to(name, byName.keySet()).orElse(null);
        problems.add(
            name
                + ": unknown key, environment"
                + (nearest == null
                    ? " (./parley config lists the known ones)"
                    : " (did you mean " + nearest + "?)"));
      } else {
        settings.add(new Setting(key, value, "environment " + name));
      }
    });
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return settings;
  }

  private static String name(String key) {
    return ENVIRONMENT + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** A table for people: key, value, source. */
  String table() {
    int widest = entries.stream().mapToInt(e -> e.key().length()).max().orElse(0);
    int values = Math.min(40, entries.stream().mapToInt(e -> e.value().length()).max().orElse(0));
    StringBuilder table = new StringBuilder();
    for (RecordBinder.Entry entry : entries) {
      String value = entry.value().isEmpty() ? "-" : entry.value();
      table
          .append(entry.key())
          .repeat(' ', widest - entry.key().length() + 2)
          .append(value)
          .repeat(' ', Math.max(0, values - value.length()) + 2)
          .append(entry.source())
          .append('\n');
    }
    return table.toString();
  }
}
