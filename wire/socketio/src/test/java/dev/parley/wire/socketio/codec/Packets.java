package dev.parley.wire.socketio.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the tests of the codecs share. */
final class Packets {
  static final CodecLimits LIMITS = CodecLimits.DEFAULT;
  static final PayloadJson JSON = new PayloadJson(LIMITS);
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private Packets() {}

  static CodecLimits limits(int maxPayload, int maxAttachments, int maxAttachmentBytes) {
    return new CodecLimits(
        maxPayload, maxAttachments, maxAttachmentBytes, Duration.ofSeconds(5), 16, 4, 8, 6);
  }

  static Slice hex(String digits) {
    return Slice.of(HexFormat.of().parseHex(digits.replace(" ", "")));
  }

  static Slice written(Consumer<ByteBuf> writer) {
    ByteBuf out = Unpooled.buffer();
    writer.accept(out);
    return Slice.copyOf(out);
  }

  static JsonNode tree(String json) {
    return MAPPER.readTree(json);
  }

  static EnginePacket text(String text) {
    return new EnginePacket.Text(Slice.utf8(text));
  }

  static EnginePacket binary(String hex) {
    return new EnginePacket.Binary(hex(hex));
  }

  static SocketPacket.Payload payload(String json, String... attachments) {
    return new SocketPacket.Payload(
        Slice.utf8(json), List.of(attachments).stream().map(Packets::hex).toList());
  }

  static SocketPacket.Event event(@Nullable SocketPacket packet) {
    if (packet instanceof SocketPacket.Event event) {
      return event;
    }
    throw new AssertionError("an event (got: " + packet + ")");
  }
}
