package dev.parley.provider;

import dev.parley.conversation.Usage;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** JSON token by token, tolerant of members of another type than expected. Stateless. */
public final class JsonText {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final JsonFactory STRICT = // an extra parameter may meet a member that is there
      JsonFactory.builder().enable(StreamWriteFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonText() {}

  public static JsonParser parser(byte[] utf8, int length) {
    return FACTORY.createParser(ObjectReadContext.empty(), utf8, 0, length);
  }

  /** Writes one value. */
  public static byte[] write(Writing writing) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator generator = generator(out)) {
      writing.to(generator);
    }
    return out.toByteArray();
  }

  /** What to write. */
  @FunctionalInterface
  public interface Writing {
    void to(JsonGenerator json);
  }

  private static JsonGenerator generator(OutputStream out) {
    return STRICT.createGenerator(ObjectWriteContext.empty(), out);
  }

  /**
   * Writes a value that comes as text, having read it: what is not JSON never gets into a request.
   */
  public static void copy(String text, JsonGenerator json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      JsonToken start = parser.nextToken();
      if (start == null) {
        throw new tools.jackson.core.exc.StreamReadException(parser, "empty (expected: JSON)");
      }
      json.copyCurrentStructure(parser);
      if (parser.nextToken() != null) {
        throw new tools.jackson.core.exc.StreamReadException(parser, "more than one value");
      }
    }
  }

  /** Whether it is one JSON object. */
  public static boolean isObject(String text) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException notJson) {
      return false;
    }
  }

  /** The string or number the parser is at; empty for anything else, which is passed over. */
  public static String scalar(JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_STRING || token.isNumeric()) {
      return parser.getString();
    }
    parser.skipChildren();
    return "";
  }

  /** The whole number the parser is at; {@code otherwise} for anything else or one below 0. */
  public static long count(JsonParser parser, long otherwise) {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      long value = parser.getValueAsLong(otherwise);
      return value < 0 ? otherwise : value;
    }
    parser.skipChildren();
    return otherwise;
  }

  /** Whether the parser is at an object; if not, its value is passed over. */
  public static boolean atObject(JsonParser parser) {
    return at(parser, JsonToken.START_OBJECT);
  }

  /** Whether the parser is at an array; if not, its value is passed over. */
  public static boolean atArray(JsonParser parser) {
    return at(parser, JsonToken.START_ARRAY);
  }

  private static boolean at(JsonParser parser, JsonToken expected) {
    if (parser.currentToken() == expected) {
      return true;
    }
    parser.skipChildren();
    return false;
  }

  /**
   * Usage in the words of OpenAI: {@code prompt_tokens} of chat, {@code input_tokens} of responses.
   */
  public static Usage usage(JsonParser parser, Usage otherwise) {
    if (!atObject(parser)) {
      return otherwise;
    }
    long input = 0;
    long cached = 0;
    long output = 0;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "prompt_tokens", "input_tokens" -> input = count(parser, 0);
        case "completion_tokens", "output_tokens" -> output = count(parser, 0);
        case "prompt_tokens_details", "input_tokens_details" -> cached = cached(parser);
        default -> parser.skipChildren();
      }
    }
    return new Usage(input, cached, output);
  }

  private static long cached(JsonParser parser) {
    long cached = 0;
    if (atObject(parser)) {
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        if (name.equals("cached_tokens")) {
          cached = count(parser, 0);
        } else {
          parser.skipChildren();
        }
      }
    }
    return cached;
  }
}
