package dev.parley.wire.socketio;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is kept of a socket so that its client can come back. Immutable.
 *
 * @param id the socket's
 * @param subject of the token it came with, or {@code null}
 * @param rooms each with the position from which on it is there
 * @param start position when it began
 * @param last position of the last kept packet sent to it, 0 for none
 * @param seen position up to which that is known
 * @param goneMillis when its connection was lost, 0 while it is there
 */
record SavedSession(
    String id,
    String namespace,
    @Nullable String subject,
    Map<String, Long> rooms,
    Map<String, Object> data,
    long start,
    long last,
    long seen,
    long goneMillis) {
  byte[] encode(Values values) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("sid", id);
    fields.put("namespace", namespace);
    fields.put("subject", subject);
    fields.put("rooms", rooms);
    fields.put("data", data);
    fields.put("start", start);
    fields.put("last", last);
    fields.put("seen", seen);
    fields.put("gone", goneMillis);
    return values.bytes(values.tree(fields)).toArray();
  }

  @SuppressWarnings("unchecked")
  static SavedSession decode(Values values, byte[] bytes) {
    JsonNode tree = values.read(bytes);
    JsonNode subject = tree.path("subject");
    JsonNode kept = tree.path("data");
    Map<String, Object> data = kept.isEmpty() ? null : values.value("data", kept, Map.class);
    Map<String, Long> rooms = new LinkedHashMap<>();
    tree.path("rooms")
        .properties()
        .forEach(room -> rooms.put(room.getKey(), room.getValue().longValue()));
    return new SavedSession(
        tree.path("sid").stringValue(),
        tree.path("namespace").stringValue(),
        subject.isNull() ? null : subject.stringValue(),
        rooms,
        data == null ? Map.of() : data,
        tree.path("start").longValue(),
        tree.path("last").longValue(),
        tree.path("seen").longValue(),
        tree.path("gone").longValue());
  }

  /** Whether a client of this session can have been told of a position; 0 when of none. */
  boolean mayKnow(long position) {
    return position == 0 || position > start;
  }

  /** What a client that has seen {@code position} is known to have seen. */
  long seenWith(long position) {
    return Math.max(position, last <= position ? seen : start);
  }
}
