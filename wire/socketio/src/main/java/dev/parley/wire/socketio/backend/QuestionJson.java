package dev.parley.wire.socketio.backend;

import dev.parley.socketio.Handshake;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** Questions as the bodies of requests. Bytes are {@code {"_base64": "…"}}. */
final class QuestionJson {
  static final String BYTES = "_base64";
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new SimpleModule().addSerializer(byte[].class, new Base64Object()))
          .build();
  // UTF-8 has no half of a surrogate pair, which a client may send as an escape all the same.
  private static final JsonMapper ASCII =
      MAPPER.rebuild().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private QuestionJson() {}

  /**
   * @param id the request's; the same when it is sent again
   * @param time when it was asked
   * @param headers of the client's first request that go along
   * @throws IllegalArgumentException when JSON cannot say what is in it
   */
  static byte[] encode(Question question, String id, Instant time, List<String> headers) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    Asker asker = question.asker();
    body.put("id", id);
    body.put("kind", question.kind().label());
    body.put("time", time.toString());
    body.put("namespace", asker.namespace());
    body.put("socketId", asker.socketId());
    body.put("user", asker.user());
    body.put("data", asker.data());
    switch (question) {
      case Question.Connect connect -> {
        body.put("recovered", connect.recovered());
        body.put("handshake", handshake(connect.handshake(), headers));
      }
      case Question.Event event -> {
        body.put("event", event.name());
        body.put("arguments", event.arguments().toList());
      }
      case Question.Subscribe subscribe -> body.put("room", subscribe.room());
      case Question.Publish publish -> {
        body.put("room", publish.room());
        body.put("payload", publish.payload());
      }
      case Question.Disconnect disconnect -> body.put("reason", disconnect.reason());
    }
    try {
      return MAPPER.writeValueAsBytes(body);
    } catch (JacksonException unpaired) {
      try {
        return ASCII.writeValueAsBytes(body);
      } catch (JacksonException e) {
        throw new IllegalArgumentException(
            question.kind().label() + ": a value (expected: what JSON can say)", e);
      }
    }
  }

  private static Map<String, @Nullable Object> handshake(Handshake from, List<String> headers) {
    Map<String, String> chosen = new LinkedHashMap<>();
    for (String header : headers) {
      String value = from.header(header);
      if (value != null) {
        chosen.put(header, value);
      }
    }
    InetSocketAddress address = from.address();
    Map<String, @Nullable Object> handshake = new LinkedHashMap<>();
    handshake.put("auth", from.auth());
    handshake.put("query", from.query());
    handshake.put("headers", chosen);
    handshake.put(
        "address",
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress());
    handshake.put("secure", from.secure());
    return handshake;
  }

  /** An object, so that bytes are told from a string. */
  private static final class Base64Object extends ValueSerializer<byte[]> {
    @Override
    public void serialize(byte[] bytes, JsonGenerator out, SerializationContext context) {
      out.writeStartObject();
      out.writeName(BYTES);
      out.writeBinary(bytes);
      out.writeEndObject();
    }
  }
}
