package dev.parley.wire.rest;

import dev.parley.transport.HttpError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON of requests and answers. Stateless. */
final class Json {
  private static final int MAX_DEPTH = 64;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNameLength(256)
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();
  private static final JsonMapper ASCII =
      MAPPER.rebuild().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Half a surrogate pair, which UTF-8 cannot hold, is escaped. */
  static byte[] write(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JacksonException unpaired) {
      return ASCII.writeValueAsBytes(tree);
    }
  }

  /** The body of a request, an empty one as an empty object. */
  static JsonNode body(ByteBuf body, int maxBytes) {
    if (body.readableBytes() > maxBytes) {
      throw new HttpError(
          413,
          "body_too_large",
          "body: " + body.readableBytes() + " bytes (expected: <= " + maxBytes + ")",
          false);
    }
    if (!body.isReadable()) {
      return object();
    }
    JsonNode tree;
    try {
      tree = MAPPER.readTree(ByteBufUtil.getBytes(body));
    } catch (JacksonException e) {
      throw new HttpError(
          400,
          "bad_json",
          "body: broken or too deep (expected: JSON, at most " + MAX_DEPTH + " deep)",
          false);
    }
    if (!tree.isObject()) {
      throw new HttpError(
          400, "bad_json", "body: no object (expected: JSON, as {\"text\":\"…\"})", false);
    }
    return tree;
  }
}
