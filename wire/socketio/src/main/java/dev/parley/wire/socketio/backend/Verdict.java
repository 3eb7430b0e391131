package dev.parley.wire.socketio.backend;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a backend decided, or what holds because it was not asked. Immutable. Values are maps,
 * lists, strings, numbers, booleans, {@code byte[]} and nulls.
 *
 * @param retry whether it is denied for want of an answer, so that the client may try again
 * @param message for the client, when it is denied
 * @param data for the client, when it is denied
 * @param arguments of the event instead of those that came; {@code null} for those
 * @param payload to publish instead of the one that came; {@code null} for that
 * @param reply to the client's event; {@code null} for none
 * @param rooms to join on connect
 * @param socketData to keep of the socket on connect; a {@code null} forgets a value
 */
public record Verdict(
    boolean allowed,
    boolean retry,
    @Nullable String message,
    @Nullable Object data,
    @Nullable List<@Nullable Object> arguments,
    @Nullable Object payload,
    @Nullable List<@Nullable Object> reply,
    List<String> rooms,
    Map<String, @Nullable Object> socketData) {
  static final Verdict ALLOWED =
      new Verdict(true, false, null, null, null, null, null, List.of(), Map.of());

  /** What holds while nobody answers. */
  static final Verdict UNAVAILABLE =
      new Verdict(false, true, "Unavailable", null, null, null, null, List.of(), Map.of());

  public Verdict {
    arguments = arguments == null ? null : copy(arguments);
    reply = reply == null ? null : copy(reply);
    rooms = List.copyOf(rooms);
    socketData = Collections.unmodifiableMap(new LinkedHashMap<>(socketData));
  }

  private static List<@Nullable Object> copy(List<@Nullable Object> list) {
    return Collections.unmodifiableList(new ArrayList<>(list));
  }
}
