package dev.parley.wire.socketio.codec;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as clients send it, under limits. Safe on any thread.
 *
 * <p>What goes on to other clients unread is scanned all the same: one client must not be able to
 * hand broken JSON to another. A scan builds no tree.
 */
public final class PayloadJson {
  /** What a document may be at its top. */
  public enum Shape {
    ARRAY("an array"),
    OBJECT("an object"),
    STRING_OR_OBJECT("a string or an object"),
    ANY("JSON");

    private final String expected;

    Shape(String expected) {
      this.expected = expected;
    }

    boolean allows(JsonToken token) {
      return switch (this) {
        case ARRAY -> token == JsonToken.START_ARRAY;
        case OBJECT -> token == JsonToken.START_OBJECT;
        case STRING_OR_OBJECT -> token == JsonToken.VALUE_STRING || token == JsonToken.START_OBJECT;
        case ANY -> true;
      };
    }
  }

  private final CodecLimits limits;
  private final JsonFactory scanner; // of event loops, which keep its buffers
  private final JsonMapper mapper;
  private final JsonMapper ascii;

  public PayloadJson(CodecLimits limits) {
    this.limits = limits;
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.maxDepth())
            .maxStringLength(limits.maxString())
            .maxNameLength(limits.maxString())
            .maxNumberLength(limits.maxNumber())
            .maxDocumentLength(limits.maxPayload())
            .build();
    scanner =
        JsonFactory.builder()
            .streamReadConstraints(constraints)
            .recyclerPool(JsonRecyclerPools.threadLocalPool())
            .build();
    mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(constraints).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();
    ascii = mapper.rebuild().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  }

  public CodecLimits limits() {
    return limits;
  }

  /** Checks a whole document and leaves it as it is. */
  public void scan(String where, Slice json, Shape shape) {
    requireText(where, json, shape);
    try (JsonParser parser = parser(json)) {
      requireShape(where, json, shape, parser.nextToken());
      scanRest(where, parser);
    } catch (JacksonException e) {
      throw malformed(where, e);
    }
  }

  /** Checks the payload of an event, an array that begins with a name, and returns the name. */
  public String scanEvent(Slice json) {
    requireText("event", json, Shape.ARRAY);
    try (JsonParser parser = parser(json)) {
      requireShape("event", json, Shape.ARRAY, parser.nextToken());
      JsonToken first = parser.nextToken();
      if (first != JsonToken.VALUE_STRING
          && first != JsonToken.VALUE_NUMBER_INT
          && first != JsonToken.VALUE_NUMBER_FLOAT) {
        throw new ProtocolException(
            "event name",
            ProtocolException.quoted(json),
            "a string or a number, first in an array");
      }
      String name = parser.getString();
      scanRest("event", parser);
      return name;
    } catch (JacksonException e) {
      throw malformed("event", e);
    }
  }

  private JsonParser parser(Slice json) {
    return scanner.createParser(
        ObjectReadContext.empty(), json.array(), json.offset(), json.length());
  }

  public JsonNode tree(String where, Slice json, Shape shape) {
    requireText(where, json, shape);
    try {
      JsonNode node = mapper.readTree(json.array(), json.offset(), json.length());
      requireShape(where, json, shape, node.asToken());
      return node;
    } catch (JacksonException e) {
      throw malformed(where, e);
    }
  }

  /** A tree as text; half a surrogate pair, which UTF-8 cannot hold, is escaped. */
  public Slice bytes(String where, JsonNode node) {
    try {
      return Slice.of(mapper.writeValueAsBytes(node));
    } catch (JacksonException unpaired) {
      try {
        return Slice.of(ascii.writeValueAsBytes(node));
      } catch (JacksonException e) {
        throw malformed(where, e);
      }
    }
  }

  /**
   * Jackson guesses UTF-16 and UTF-32 from zero bytes, and skips a byte-order mark; both would go
   * on to clients that cannot read them. JSON has no other control characters than these (RFC 8259
   * §2).
   */
  private void requireText(String where, Slice json, Shape shape) {
    if (json.isEmpty()) {
      throw new ProtocolException(where, "no payload", shape.expected);
    }
    if (json.length() > limits.maxPayload()) {
      throw new ProtocolException(
          where, json.length() + " bytes", "at most " + limits.maxPayload());
    }
    for (int i = 0; i < json.length(); i++) {
      int b = json.at(i);
      if ((b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r') || (i == 0 && b < 0)) {
        throw new ProtocolException(where, "byte " + (b & 0xff) + " at " + i, "JSON in UTF-8");
      }
    }
  }

  private static void requireShape(String where, Slice json, Shape shape, JsonToken token) {
    if (token == null || !shape.allows(token)) {
      throw new ProtocolException(where, ProtocolException.quoted(json), shape.expected);
    }
  }

  /** From the current token to the end of its document, which must be the end of the text. */
  private void scanRest(String where, JsonParser parser) {
    JsonToken token = parser.currentToken();
    while (token != null) {
      requireLength(where, parser, token);
      boolean ended = parser.streamReadContext().inRoot();
      token = parser.nextToken();
      if (ended && token != null) {
        throw new ProtocolException(where, "more after its end", "one JSON document");
      }
    }
  }

  /** The parser skips over what is not asked for, and checks lengths only when asked. */
  private void requireLength(String where, JsonParser parser, JsonToken token) {
    boolean number = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
    if (!number && token != JsonToken.VALUE_STRING && token != JsonToken.PROPERTY_NAME) {
      return;
    }
    int length = parser.getStringLength();
    int max = number ? limits.maxNumber() : limits.maxString();
    if (length > max) {
      throw new ProtocolException(
          where, (number ? "a number" : "a string") + " of " + length, "at most " + max);
    }
  }

  private static ProtocolException malformed(String where, JacksonException e) {
    String message = e.getOriginalMessage();
    return new ProtocolException(
        where, ProtocolException.quoted(message == null ? "no JSON" : message), "JSON in limits");
  }
}
