package dev.parley.wire.socketio;

import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A packet of a namespace as it is kept in the namespace's log: {@code
 * {"event":["name",…],"to":["room"],"except":["id"],"parts":["base64"]}}. Immutable.
 *
 * @param rooms none for all
 */
record LogRecord(Set<String> rooms, Set<String> excepted, SocketPacket.Payload payload) {
  byte[] encode(Values values) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!rooms.isEmpty()) {
      fields.put("to", rooms);
    }
    if (!excepted.isEmpty()) {
      fields.put("except", excepted);
    }
    if (!payload.attachments().isEmpty()) {
      List<String> parts = new ArrayList<>();
      for (Slice part : payload.attachments()) {
        parts.add(Base64.getEncoder().encodeToString(part.toArray()));
      }
      fields.put("parts", parts);
    }
    byte[] head = "{\"event\":".getBytes(StandardCharsets.UTF_8);
    Slice rest = values.bytes(values.tree(fields)); // {…}
    boolean alone = fields.isEmpty();
    Slice json = payload.json();
    byte[] all = new byte[head.length + json.length() + rest.length() - (alone ? 1 : 0)];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(json.array(), json.offset(), all, head.length, json.length());
    int at = head.length + json.length();
    if (alone) {
      all[at] = '}';
    } else {
      all[at] = ',';
      System.arraycopy(rest.array(), rest.offset() + 1, all, at + 1, rest.length() - 1);
    }
    return all;
  }

  static LogRecord decode(Values values, byte[] bytes) {
    JsonNode tree = values.read(bytes);
    List<Slice> parts = new ArrayList<>();
    for (JsonNode part : tree.path("parts")) {
      parts.add(Slice.of(Base64.getDecoder().decode(part.stringValue())));
    }
    return new LogRecord(
        strings(tree.path("to")),
        strings(tree.path("except")),
        new SocketPacket.Payload(values.bytes(tree.path("event")), parts));
  }

  static Set<String> strings(JsonNode array) {
    Set<String> all = new LinkedHashSet<>();
    for (JsonNode each : array) {
      all.add(each.stringValue());
    }
    return all;
  }
}
