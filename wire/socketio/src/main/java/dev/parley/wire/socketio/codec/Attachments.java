package dev.parley.wire.socketio.codec;

import dev.parley.wire.socketio.codec.PayloadJson.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Moves bytes between a tree and the parts that follow its text, where {@code
 * {"_placeholder":true,"num":n}} stands for part n (Socket.IO 5, "Packet encoding"). Stateless.
 */
public final class Attachments {
  private static final String MARK = "_placeholder";
  private static final String INDEX = "num";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Attachments() {}

  /** Checks that a tree refers to each of so many parts exactly once. */
  public static void require(JsonNode tree, int parts) {
    BitSet seen = new BitSet(parts);
    visit(tree, parts, seen);
    if (seen.cardinality() != parts) {
      throw new ProtocolException(
          "attachments", Integer.toString(parts), seen.cardinality() + ", one per placeholder");
    }
  }

  private static void visit(JsonNode node, int parts, BitSet seen) {
    if (isPlaceholder(node)) {
      int index = index(node, parts);
      if (seen.get(index)) {
        throw new ProtocolException(
            "placeholder", "num " + index + " twice", "one placeholder per attachment");
      }
      seen.set(index);
      return;
    }
    for (JsonNode child : node) {
      visit(child, parts, seen);
    }
  }

  /** The elements of a payload, binary parts in their places as {@link BinaryNode}s. */
  public static List<JsonNode> reconstruct(PayloadJson json, SocketPacket.Payload payload) {
    JsonNode tree = json.tree("payload", payload.json(), Shape.ARRAY);
    List<Slice> parts = payload.attachments();
    if (!parts.isEmpty()) {
      require(tree, parts.size());
      tree = fill(tree, parts);
    }
    List<JsonNode> elements = new ArrayList<>(tree.size());
    tree.forEach(elements::add);
    return elements;
  }

  private static JsonNode fill(JsonNode node, List<Slice> parts) {
    if (isPlaceholder(node)) {
      return BinaryNode.valueOf(parts.get(index(node, parts.size())).toArray());
    }
    return switch (node) {
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, fill(array.get(i), parts));
        }
        yield array;
      }
      case ObjectNode object -> {
        for (Map.Entry<String, JsonNode> property : object.properties()) {
          property.setValue(fill(property.getValue(), parts));
        }
        yield object;
      }
      default -> node;
    };
  }

  /**
   * The payload of these elements, each {@link BinaryNode} taken out of the tree.
   *
   * @throws ProtocolException when they are nested too deep, or when a plain object beside bytes
   *     would be read as a placeholder
   */
  public static SocketPacket.Payload deconstruct(PayloadJson json, List<JsonNode> elements) {
    List<Slice> parts = new ArrayList<>();
    ArrayNode array = NODES.arrayNode(elements.size());
    boolean[] forged = new boolean[1];
    for (JsonNode element : elements) {
      array.add(strip(element, parts, forged, json.limits().maxDepth() - 1));
    }
    if (forged[0] && !parts.isEmpty()) {
      throw new ProtocolException(
          "payload", "an object with _placeholder true", "no such object beside bytes");
    }
    return new SocketPacket.Payload(json.bytes("payload", array), parts);
  }

  private static JsonNode strip(JsonNode node, List<Slice> parts, boolean[] forged, int depthLeft) {
    if (node instanceof BinaryNode binary) {
      ObjectNode placeholder = NODES.objectNode().put(MARK, true).put(INDEX, parts.size());
      parts.add(Slice.of(binary.binaryValue().clone()));
      return placeholder;
    }
    if (!node.isContainer()) { // JSON has no NaN and no infinity; JavaScript writes null
      return (node.isDouble() || node.isFloat()) && !Double.isFinite(node.doubleValue())
          ? NODES.nullNode()
          : node;
    }
    if (depthLeft == 0) {
      throw new ProtocolException("payload", "nested too deep", "within max-depth");
    }
    forged[0] |= isPlaceholder(node);
    if (node instanceof ObjectNode object) {
      ObjectNode copy = NODES.objectNode();
      for (Map.Entry<String, JsonNode> property : object.properties()) {
        copy.set(property.getKey(), strip(property.getValue(), parts, forged, depthLeft - 1));
      }
      return copy;
    }
    ArrayNode copy = NODES.arrayNode(node.size());
    for (JsonNode element : node) {
      copy.add(strip(element, parts, forged, depthLeft - 1));
    }
    return copy;
  }

  private static boolean isPlaceholder(JsonNode node) {
    JsonNode mark = node.isObject() ? node.get(MARK) : null;
    return mark != null && mark.isBoolean() && mark.booleanValue();
  }

  private static int index(JsonNode placeholder, int parts) {
    JsonNode num = placeholder.get(INDEX);
    if (num == null || !num.isIntegralNumber() || !num.canConvertToInt()) {
      throw new ProtocolException(
          "placeholder",
          "num " + (num == null ? "missing" : ProtocolException.quoted(num.toString())),
          "a whole number");
    }
    int index = num.intValue();
    if (index < 0 || index >= parts) {
      throw new ProtocolException("placeholder", "num " + index, "0 to below " + parts);
    }
    return index;
  }
}
