package dev.parley.wire.socketio.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Events as people look at them: whole when small, bytes as their number. Stateless. */
public final class EventPreview {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String CUT = "…";

  private EventPreview() {}

  /** The name of an event and its arguments. */
  static List<Object> arguments(LiveEvent event) {
    if (event.json() == null) {
      return List.of(event.text(), size(event));
    }
    List<Object> shown = new ArrayList<>();
    MAPPER
        .readTree(event.json().array(), event.json().offset(), event.json().length())
        .forEach(node -> shown.add(hasBytes(node) ? size(event) : node));
    return shown;
  }

  /** The arguments of an event as JSON with commas between; cut after so many characters. */
  public static String text(LiveEvent event, int most) {
    String whole =
        arguments(event).stream().skip(1).map(Objects::toString).collect(Collectors.joining(", "));
    return whole.length() <= most ? whole : whole.substring(0, most) + CUT;
  }

  /** A placeholder among other data would be refused on its way out, and says nothing. */
  private static boolean hasBytes(JsonNode node) {
    if (node instanceof ObjectNode object && object.has("_placeholder")) {
      return true;
    }
    for (JsonNode child : node) {
      if (hasBytes(child)) {
        return true;
      }
    }
    return false;
  }

  private static String size(LiveEvent event) {
    return "(" + event.bytes() + " bytes)";
  }
}
