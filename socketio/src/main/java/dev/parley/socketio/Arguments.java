package dev.parley.socketio;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came with an event or an answer. Immutable and safe on any thread; read from JSON when asked
 * for. Passed on to {@code emit} it goes out as it came, unread.
 */
public interface Arguments {
  int size();

  /**
   * One argument as a {@code T}, such as a record; {@code null} when it is JSON's null or missing.
   *
   * @throws IllegalArgumentException that says what it is and what was expected
   */
  <T> @Nullable T get(int index, Class<T> type);

  /**
   * One argument as a {@code T}.
   *
   * @throws IllegalArgumentException also when it is null or missing
   */
  default <T> T require(int index, Class<T> type) {
    T value = get(index, type);
    if (value == null) {
      throw new IllegalArgumentException(
          "argument " + index + ": none (expected: a " + type.getSimpleName() + ")");
    }
    return value;
  }

  /** All as maps, lists, strings, numbers, booleans, {@code byte[]} and nulls. */
  List<@Nullable Object> toList();

  /** Answers the event. Does nothing when the client wants no answer, and after the first time. */
  Ack ack();

  /** The arguments as a JSON array, bytes as placeholders. */
  String toJson();
}
