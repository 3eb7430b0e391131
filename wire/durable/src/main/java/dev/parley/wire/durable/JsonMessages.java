package dev.parley.wire.durable;

import dev.parley.stream.Payload;
import dev.parley.transport.HttpError;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Cuts a JSON body into messages: an array into its elements, one level deep, anything else into
 * itself (Durable Streams §9.1.2). Each keeps the bytes its writer sent, so numbers, spacing and
 * repeated names come back as they were. Any thread.
 */
final class JsonMessages {
  private final JsonFactory json;
  private final int maxDepth;

  JsonMessages(int maxDepth) {
    this.maxDepth = maxDepth;
    this.json =
        JsonFactory.builder()
            // RFC 8259 §8.1: UTF-8, and nothing that looks like another encoding.
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxDepth)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();
  }

  /**
   * The messages of {@code body}; empty for an empty array.
   *
   * @throws HttpError with status 400 when {@code body} is no JSON in UTF-8, or too deep
   */
  List<Payload> split(byte[] body) {
    if (!ByteBufUtil.isText(Unpooled.wrappedBuffer(body), StandardCharsets.UTF_8)) {
      throw Refusal.badRequest("bad_json", "body: not UTF-8 (expected: JSON)");
    }
    return elements(body, validate(body));
  }

  /** Whether the body is an array. */
  private boolean validate(byte[] body) {
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw Refusal.badRequest("bad_json", "body: empty (expected: JSON)");
      }
      int depth = 0;
      for (JsonToken token = first; ; token = parser.nextToken()) {
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd()) {
          depth--;
        }
        if (depth == 0) {
          break;
        }
      }
      if (parser.nextToken() != null) {
        throw Refusal.badRequest("bad_json", "body: more than one JSON value (expected: one)");
      }
      return first == JsonToken.START_ARRAY;
    } catch (StreamConstraintsException e) {
      throw Refusal.badRequest(
          "json_too_deep", "body: JSON nested too deep (expected: <= " + maxDepth + " levels)");
    } catch (JacksonException e) {
      throw Refusal.badRequest(
          "bad_json", "body: not JSON at byte " + e.getLocation().getByteOffset());
    }
  }

  /** {@code body} is known to be well-formed, so brackets, quotes and commas tell everything. */
  private static List<Payload> elements(byte[] body, boolean array) {
    int start = skipSpace(body, 0);
    int end = body.length;
    while (isSpace(body[end - 1])) {
      end--;
    }
    if (!array) {
      return List.of(slice(body, start, end));
    }
    List<Payload> messages = new ArrayList<>();
    int from = skipSpace(body, start + 1);
    int depth = 0;
    for (int i = from; i < end; i++) {
      switch (body[i]) {
        case '"' -> i = endOfString(body, i);
        case '[', '{' -> depth++;
        case '}' -> depth--;
        case ']' -> {
          if (depth-- == 0 && i > from) {
            messages.add(slice(body, from, i));
          }
        }
        case ',' -> {
          if (depth == 0) {
            messages.add(slice(body, from, i));
            from = skipSpace(body, i + 1);
          }
        }
        default -> {}
      }
    }
    return messages;
  }

  private static int endOfString(byte[] body, int quote) {
    int i = quote + 1;
    while (body[i] != '"') {
      i += body[i] == '\\' ? 2 : 1;
    }
    return i;
  }

  private static Payload slice(byte[] body, int from, int to) {
    int end = to;
    while (isSpace(body[end - 1])) {
      end--;
    }
    return Payload.of(from == 0 && end == body.length ? body : Arrays.copyOfRange(body, from, end));
  }

  private static int skipSpace(byte[] body, int from) {
    int i = from;
    while (isSpace(body[i])) {
      i++;
    }
    return i;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }
}
