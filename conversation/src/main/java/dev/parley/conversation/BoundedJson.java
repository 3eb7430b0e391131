package dev.parley.conversation;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Objects of one kind as JSON in UTF-8, within bounds. Safe on any thread. */
final class BoundedJson {
  static final int MAX_DEPTH = 64;

  private final String kind;
  private final int maxBytes;
  private final JsonMapper mapper;
  private final JsonMapper ascii;

  BoundedJson(String kind, int maxBytes) {
    this.kind = kind;
    this.maxBytes = maxBytes;
    this.mapper =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(maxBytes)
                            .maxNameLength(256)
                            .maxNumberLength(64)
                            .maxDocumentLength(maxBytes)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();
    this.ascii = mapper.rebuild().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  }

  JsonMapper mapper() {
    return mapper;
  }

  /** Half a surrogate pair, which UTF-8 cannot hold, is escaped. */
  byte[] write(JsonNode tree) {
    byte[] bytes;
    try {
      bytes = mapper.writeValueAsBytes(tree);
    } catch (JacksonException unpaired) {
      bytes = ascii.writeValueAsBytes(tree);
    }
    requireSize(bytes.length);
    return bytes;
  }

  Fields read(byte[] json) {
    requireSize(json.length);
    try {
      return Fields.of(kind, mapper.readTree(json));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          kind + ": broken or too deep (expected: JSON, at most " + MAX_DEPTH + " deep)", e);
    }
  }

  /** Of what was kept as text. */
  JsonNode tree(String key, String json) {
    try {
      return mapper.readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(key + ": " + Ids.quoted(json) + " (expected: JSON)", e);
    }
  }

  private void requireSize(int bytes) {
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(
          kind + ": " + bytes + " bytes (expected: <= " + maxBytes + ")");
    }
  }
}
