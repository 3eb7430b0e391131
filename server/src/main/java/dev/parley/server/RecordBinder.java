package dev.parley.server;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes configuration records from settings: a component {@code maxBodyBytes} is the key {@code
 * max-body-bytes}, what is not set comes from the record's {@code defaults()}, and the record's
 * constructor has the last word. Collects every problem before it complains. Confined to one
 * thread.
 */
final class RecordBinder {
  private final Settings settings;
  private final List<String> problems = new ArrayList<>();
  private final TreeSet<String> known = new TreeSet<>(); // shapes, as streams[].pattern
  private final List<Entry> entries = new ArrayList<>();

  /** A value in force, as shown to people. */
  record Entry(String key, String value, String source) {}

  RecordBinder(Settings settings) {
    this.settings = settings;
  }

  /**
   * @throws ConfigException with all problems
   */
  <T extends Record> T bind(T defaults) {
    T bound = record(defaults, "");
    for (Setting setting : settings.all()) {
      if (!known.contains(Settings.shape(setting.key()))) {
        problems.add(unknown(setting.key(), setting.source(), known));
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return bound;
  }

  List<Entry> entries() {
    return entries;
  }

  static String unknown(String key, String source, Set<String> known) {
    return key
        + ": unknown key, "
        + source
        + NearestKey.to(Settings.shape(key), known)
            .map(k -> " (did you mean " + k + "?)")
            .orElse(" (./parley config lists the known ones)");
  }

  /** All keys that can be set, lists as {@code streams[].pattern}. */
  static <T extends Record> Set<String> keys(T defaults) {
    RecordBinder binder = new RecordBinder(new Settings());
    binder.record(defaults, "");
    return binder.known;
  }

  @SuppressWarnings("unchecked")
  private <T extends Record> T record(T defaults, String prefix) {
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    int before = problems.size();
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      String key = prefix.isEmpty() ? kebab(component) : prefix + "." + kebab(component);
      values[i] = value(component, key, read(component, defaults));
    }
    if (problems.size() > before) {
      return defaults;
    }
    try {
      var constructor =
          defaults
              .getClass()
              .getDeclaredConstructor(
                  Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
      constructor.setAccessible(true);
      return (T) constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      problems.add(sourced(prefix, messageOf(e)));
      return defaults;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no configuration record: " + defaults.getClass(), e);
    }
  }

  private @Nullable Object value(RecordComponent component, String key, @Nullable Object fallback) {
    Class<?> type = component.getType();
    if (fallback instanceof Record record) {
      return record(record, key);
    }
    if (type == List.class) {
      return list(component, key, (List<?>) fallback);
    }
    known.add(key);
    boolean bytes = component.getName().toLowerCase(Locale.ROOT).endsWith("bytes");
    Setting setting = settings.get(key);
    if (setting == null) {
      entries.add(new Entry(key, shown(component, fallback, bytes), "default"));
      return fallback;
    }
    Object value = scalar(type, bytes, setting);
    if (value == null && fallback != null && setting.value().isBlank()) {
      problems.add(key + ": empty (expected: a value), " + setting.source());
    }
    entries.add(new Entry(key, shown(component, value, bytes), setting.source()));
    return value;
  }

  private @Nullable Object list(RecordComponent component, String key, @Nullable List<?> fallback) {
    Class<?> element =
        (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
    known.add(key);
    Record defaults = Scalar.is(element) ? null : defaultsOf(element);
    if (defaults == null) {
      known.add(key + "[]");
    } else {
      RecordBinder shapes = new RecordBinder(new Settings());
      shapes.record(defaults, key + "[]");
      known.addAll(shapes.known);
    }
    if (!settings.hasAny(key)) {
      if (fallback == null || fallback.isEmpty() || defaults == null) {
        entries.add(new Entry(key, fallback == null ? "" : join(fallback), "default"));
      }
      return fallback;
    }
    List<Object> values = new ArrayList<>();
    Setting inline = settings.get(key);
    if (inline != null && defaults == null) {
      for (String part : inline.value().split(",", -1)) {
        if (!part.isBlank()) {
          values.add(scalar(element, false, new Setting(key, part, inline.source())));
        }
      }
      entries.add(new Entry(key, join(values), inline.source()));
      return List.copyOf(values);
    }
    if (inline != null && !inline.value().isEmpty()) {
      problems.add(key + ": " + inline.value() + " (expected: a list), " + inline.source());
    }
    for (int i = 0; settings.hasAny(key + "[" + i + "]"); i++) {
      String at = key + "[" + i + "]";
      if (defaults != null) {
        values.add(record(defaults, at));
      } else {
        Setting setting = settings.get(at);
        if (setting == null) {
          problems.add(at + ": (expected: a single value)");
        } else {
          values.add(scalar(element, false, setting));
          entries.add(new Entry(at, setting.value(), setting.source()));
        }
      }
    }
    return List.copyOf(values);
  }

  private Object scalar(Class<?> type, boolean bytes, Setting setting) {
    if (setting.value().isBlank() && !type.isPrimitive()) {
      return none();
    }
    try {
      return Scalar.parse(type, bytes, setting.value());
    } catch (IllegalArgumentException e) {
      problems.add(
          setting.key()
              + ": "
              + setting.value()
              + " (expected: "
              + e.getMessage()
              + "), "
              + setting.source());
      return none();
    }
  }

  @SuppressWarnings("NullAway") // an empty value stands for "none", which the record judges
  private static Object none() {
    return null;
  }

  /** Completes a record's complaint with its section and with who set the value. */
  private String sourced(String prefix, String message) {
    String first = message.contains(":") ? message.substring(0, message.indexOf(':')) : "";
    for (String key : List.of(first, prefix + "." + first)) {
      Setting setting = settings.get(key);
      if (setting != null) {
        return (key.equals(first) ? message : prefix + "." + message) + ", " + setting.source();
      }
    }
    return prefix.isEmpty() || message.startsWith(prefix) ? message : prefix + ": " + message;
  }

  private static String messageOf(InvocationTargetException e) {
    Throwable cause = e.getCause();
    if (cause instanceof IllegalArgumentException refused) {
      return String.valueOf(refused.getMessage());
    }
    throw new IllegalStateException("a configuration record failed", cause);
  }

  private static Record defaultsOf(Class<?> type) {
    try {
      var defaults = type.getDeclaredMethod("defaults");
      defaults.setAccessible(true);
      return (Record) defaults.invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no defaults()", e);
    }
  }

  private static @Nullable Object read(RecordComponent component, Record from) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(from);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no configuration record: " + from.getClass(), e);
    }
  }

  private static String shown(RecordComponent component, @Nullable Object value, boolean bytes) {
    String name = component.getName();
    boolean secret = name.equals("secret") || name.endsWith("Secret") || name.endsWith("Password");
    return secret && value != null ? "********" : Scalar.write(value, bytes);
  }

  private static String join(List<?> values) {
    return String.join(",", values.stream().map(v -> Scalar.write(v, false)).toList());
  }

  private static String kebab(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
