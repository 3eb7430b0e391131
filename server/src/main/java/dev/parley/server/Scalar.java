package dev.parley.server;

import dev.parley.wire.durable.subscription.PrivateTargets;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads and writes single values as people write them: {@code 30s}, {@code 64MB}, {@code sync}. */
final class Scalar {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18})\\s*([A-Za-zµ]*)");
  static final String UNLIMITED = "unlimited";

  private Scalar() {}

  static boolean is(Class<?> type) {
    return type.isPrimitive()
        || type.isEnum()
        || type == String.class
        || type == Duration.class
        || type == Path.class
        || type == URI.class;
  }

  /**
   * @param bytes whether the number counts bytes
   * @throws IllegalArgumentException whose message says what was expected
   */
  static Object parse(Class<?> type, boolean bytes, String text) {
    String value = text.strip();
    if (type == String.class) {
      return value;
    }
    if (type == Path.class) {
      return Path.of(value);
    }
    if (type == URI.class) {
      return URI.create(value);
    }
    if (type == boolean.class) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "true", "yes", "on" -> true;
        case "false", "no", "off" -> false;
        default -> throw new IllegalArgumentException("true or false");
      };
    }
    if (type == int.class) {
      long number = number(bytes, value);
      if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("at most " + Integer.MAX_VALUE);
      }
      return (int) number;
    }
    if (type == long.class) {
      return value.equals(UNLIMITED) ? Long.MAX_VALUE : number(bytes, value);
    }
    if (type == BigDecimal.class) {
      return decimal(value);
    }
    if (type == Duration.class) {
      return duration(value);
    }
    if (type == PrivateTargets.class) {
      return privateTargets(value);
    }
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        if (write(constant, false).equals(value.toLowerCase(Locale.ROOT))) {
          return constant;
        }
      }
      throw new IllegalArgumentException(
          "one of "
              + Arrays.stream(type.getEnumConstants())
                  .map(c -> write(c, false))
                  .collect(Collectors.joining(", ")));
    }
    throw new IllegalArgumentException("nothing of " + type);
  }

  /** Also takes true and false, as the setting reads like a question. */
  private static PrivateTargets privateTargets(String value) {
    try {
      return PrivateTargets.of(value.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("none, loopback or all", e);
    }
  }

  static String write(@Nullable Object value, boolean bytes) {
    return switch (value) {
      case null -> "";
      case Duration duration -> writeDuration(duration);
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      case Long number when number == Long.MAX_VALUE -> UNLIMITED;
      case Number number when bytes -> writeBytes(number.longValue());
      default -> value.toString();
    };
  }

  private static long number(boolean bytes, String value) {
    if (!bytes) {
      try {
        return Long.parseLong(value.replace("_", ""));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("a whole number", e);
      }
    }
    Matcher matcher = NUMBER_AND_UNIT.matcher(value);
    if (matcher.matches()) {
      int shift =
          switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
            case "", "B" -> 0;
            case "K", "KB", "KIB" -> 10;
            case "M", "MB", "MIB" -> 20;
            case "G", "GB", "GIB" -> 30;
            case "T", "TB", "TIB" -> 40;
            default -> -1;
          };
      long number = Long.parseLong(matcher.group(1));
      if (shift >= 0 && number <= Long.MAX_VALUE >> shift) {
        return number << shift;
      }
    }
    throw new IllegalArgumentException("a size such as 512KB, 64MB or 2GB");
  }

  private static BigDecimal decimal(String value) {
    if (!value.matches("\\d{1,18}(\\.\\d{1,18})?")) {
      throw new IllegalArgumentException("a number as 12 or 0.25");
    }
    return new BigDecimal(value);
  }

  private static Duration duration(String value) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(value);
    if (matcher.matches()) {
      long number = Long.parseLong(matcher.group(1));
      Duration unit =
          switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "us", "µs" -> Duration.ofNanos(1_000);
            case "ms" -> Duration.ofMillis(1);
            case "s" -> Duration.ofSeconds(1);
            case "m", "min" -> Duration.ofMinutes(1);
            case "h" -> Duration.ofHours(1);
            case "d" -> Duration.ofDays(1);
            case "" -> number == 0 ? Duration.ZERO : null;
            default -> null;
          };
      if (unit != null && number <= 1_000_000_000_000L) {
        return unit.multipliedBy(number);
      }
    }
    throw new IllegalArgumentException("a duration such as 500ms, 30s, 5m, 2h or 7d");
  }

  private static String writeDuration(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    long nanos = duration.toNanosPart();
    if (nanos % 1_000_000 != 0) {
      return duration.toNanos() / 1_000 + "us";
    }
    if (nanos != 0) {
      return duration.toMillis() + "ms";
    }
    long seconds = duration.toSeconds();
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  private static String writeBytes(long bytes) {
    String[] units = {"", "KB", "MB", "GB", "TB"};
    int unit = 0;
    long number = bytes;
    while (unit < 4 && number != 0 && number % 1024 == 0) {
      number /= 1024;
      unit++;
    }
    return number + units[unit];
  }
}
