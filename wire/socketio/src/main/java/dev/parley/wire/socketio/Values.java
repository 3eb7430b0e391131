package dev.parley.wire.socketio;

import dev.parley.socketio.Arguments;
import dev.parley.wire.socketio.codec.Attachments;
import dev.parley.wire.socketio.codec.PayloadJson;
import dev.parley.wire.socketio.codec.ProtocolException;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket.Payload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;

/** Java values to payloads and back. Safe on any thread. */
final class Values {
  private static final byte[] COMMA = {','};
  private static final byte[] OPEN = {'['};
  private static final byte[] CLOSE = {']'};

  private final PayloadJson json;
  private final JsonMapper mapper = JsonMapper.builder().build();

  Values(PayloadJson json) {
    this.json = json;
  }

  PayloadJson json() {
    return json;
  }

  /** {@code ["name",args…]}. */
  Payload event(String name, @Nullable Object... args) {
    if (args.length == 0) {
      return new Payload(concat(OPEN, quoted(name), CLOSE), List.of());
    }
    if (args.length == 1 && args[0] instanceof EventArguments all) {
      Slice elements = all.elements();
      byte[] quoted = quoted(name);
      return new Payload(
          elements.isEmpty()
              ? concat(OPEN, quoted, CLOSE)
              : concat(OPEN, quoted, COMMA, elements, CLOSE),
          all.attachments());
    }
    List<JsonNode> elements = new ArrayList<>(args.length + 1);
    elements.add(mapper.getNodeFactory().stringNode(name));
    addAll(elements, args);
    return deconstruct(elements);
  }

  /** {@code ["name",args…]} of a quoted name and JSON with commas between. */
  static Payload event(byte[] quotedName, Slice arguments) {
    return new Payload(
        arguments.isEmpty()
            ? concat(OPEN, quotedName, CLOSE)
            : concat(OPEN, quotedName, COMMA, arguments, CLOSE),
        List.of());
  }

  /** {@code [args…]}. */
  Payload answer(@Nullable Object... args) {
    if (args.length == 1 && args[0] instanceof EventArguments all) {
      return new Payload(concat(OPEN, all.elements(), CLOSE), all.attachments());
    }
    List<JsonNode> elements = new ArrayList<>(args.length);
    addAll(elements, args);
    return deconstruct(elements);
  }

  /** The same payload with one more element, which is JSON itself. */
  static Payload with(Payload payload, byte[] element) {
    Slice head = payload.json().slice(0, payload.json().length() - 1);
    return new Payload(concat(head, COMMA, element, CLOSE), payload.attachments());
  }

  /** Whether the last element of a payload is a string. */
  static boolean endsWithString(Payload payload) {
    Slice json = payload.json();
    int at = json.length() - 2;
    while (at > 0 && json.at(at) <= ' ') {
      at--;
    }
    return json.at(at) == '"';
  }

  /** A JSON string (RFC 8259 §7). */
  byte[] quoted(String text) {
    byte[] quoted = new byte[text.length() + 2];
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return json.bytes("name", mapper.getNodeFactory().stringNode(text)).toArray();
      }
      quoted[i + 1] = (byte) c;
    }
    quoted[0] = '"';
    quoted[quoted.length - 1] = '"';
    return quoted;
  }

  JsonNode tree(@Nullable Object value) {
    if (value == null) {
      return NullNode.getInstance();
    }
    if (value instanceof EventArguments arguments) {
      return mapper.getNodeFactory().arrayNode().addAll(arguments.nodes());
    }
    try {
      return mapper.valueToTree(value);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "argument: a " + value.getClass().getName() + " (expected: what JSON can say)", e);
    }
  }

  ArrayNode array() {
    return mapper.createArrayNode();
  }

  /** Reads what was written here before. */
  JsonNode read(byte[] bytes) {
    return mapper.readTree(bytes);
  }

  Slice bytes(JsonNode node) {
    return json.bytes("value", node);
  }

  <T> @Nullable T value(String where, JsonNode node, Class<T> type) {
    if (node.isNull() && type != JsonNode.class) {
      return null;
    }
    try {
      return mapper.treeToValue(node, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          where
              + ": "
              + ProtocolException.quoted(node.toString())
              + " (expected: a "
              + type.getSimpleName()
              + ")",
          e);
    }
  }

  private void addAll(List<JsonNode> elements, @Nullable Object[] args) {
    for (Object arg : args) {
      if (arg instanceof Arguments arguments) {
        elements.addAll(((EventArguments) arguments).nodes());
      } else {
        elements.add(tree(arg));
      }
    }
  }

  private Payload deconstruct(List<JsonNode> elements) {
    try {
      return Attachments.deconstruct(json, elements);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Slice concat(Object... parts) {
    int size = 0;
    for (Object part : parts) {
      size += part instanceof Slice slice ? slice.length() : ((byte[]) part).length;
    }
    byte[] all = new byte[size];
    int at = 0;
    for (Object part : parts) {
      if (part instanceof Slice slice) {
        System.arraycopy(slice.array(), slice.offset(), all, at, slice.length());
        at += slice.length();
      } else {
        byte[] bytes = (byte[]) part;
        System.arraycopy(bytes, 0, all, at, bytes.length);
        at += bytes.length;
      }
    }
    return Slice.of(all);
  }
}
