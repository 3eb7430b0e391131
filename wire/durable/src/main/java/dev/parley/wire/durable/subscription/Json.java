package dev.parley.wire.durable.subscription;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON of this package: small and flat from clients, trusted from the store. Safe on any thread.
 */
final class Json {
  private static final JsonMapper CLIENT =
      mapper(
          StreamReadConstraints.builder()
              .maxNestingDepth(8)
              .maxStringLength(8 << 10)
              .maxNumberLength(32)
              .maxNameLength(256)
              .maxDocumentLength(1 << 20)
              .build());
  private static final JsonMapper STORED =
      mapper(StreamReadConstraints.builder().maxNestingDepth(8).build());

  private Json() {}

  private static JsonMapper mapper(StreamReadConstraints limits) {
    return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  /**
   * Parses what a client sent.
   *
   * @throws tools.jackson.core.JacksonException when it is no JSON, or too deep or too large
   */
  static JsonNode parse(byte[] body) {
    return CLIENT.readTree(body);
  }

  static JsonNode parseStored(byte[] message) {
    return STORED.readTree(message);
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static byte[] bytes(JsonNode node) {
    return STORED.writeValueAsBytes(node);
  }
}
