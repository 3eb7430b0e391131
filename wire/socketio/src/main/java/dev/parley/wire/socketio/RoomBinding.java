package dev.parley.wire.socketio;

import dev.parley.stream.StreamPath;
import org.jspecify.annotations.Nullable;

/**
 * Rooms that are streams: what is sent to the room is appended to the stream, and what is appended
 * to the stream, by whatever wire, is sent to the room.
 *
 * @param namespace its name
 * @param room a name, with at most one {@code *} for any characters
 * @param stream a path, with a {@code *} where that of the room goes
 * @param event what an append that names no event is sent as
 */
public record RoomBinding(String namespace, String room, String stream, String event) {
  public static RoomBinding defaults() {
    return new RoomBinding("/", "", "", "message");
  }

  public RoomBinding {
    if (!namespace.startsWith("/")) {
      throw new IllegalArgumentException(
          "namespace: " + namespace + " (expected: a name with a leading slash)");
    }
    if (stars(room) > 1 || stars(room) != stars(stream)) {
      throw new IllegalArgumentException(
          "stream: "
              + stream
              + " (expected: one * when the room has one, as in room chat-* and stream chat/*)");
    }
  }

  private static int stars(String text) {
    return (int) text.chars().filter(c -> c == '*').count();
  }

  /** The stream of a room, or {@code null} when it is none of these rooms. */
  @Nullable StreamPath streamOf(String in, String name) {
    String part = in.equals(namespace) ? match(room, name) : null;
    if (part == null) {
      return null;
    }
    try {
      return StreamPath.of(stream.replace("*", part));
    } catch (IllegalArgumentException e) {
      return null; // no path: an ordinary room
    }
  }

  /** The room of a stream, or {@code null} when it is none of these streams. */
  @Nullable String roomOf(String path) {
    String part = match(stream, path);
    return part == null ? null : room.replace("*", part);
  }

  private static @Nullable String match(String pattern, String text) {
    int star = pattern.indexOf('*');
    if (star < 0) {
      return pattern.equals(text) ? "" : null;
    }
    String head = pattern.substring(0, star);
    String tail = pattern.substring(star + 1);
    return text.length() > head.length() + tail.length()
            && text.startsWith(head)
            && text.endsWith(tail)
        ? text.substring(head.length(), text.length() - tail.length())
        : null;
  }
}
