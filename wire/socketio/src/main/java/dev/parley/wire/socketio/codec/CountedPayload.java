package dev.parley.wire.socketio.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/**
 * Packets behind their lengths in characters (Engine.IO 3, "Payload"). Stateless.
 *
 * <p>A character is a UTF-16 unit, since the official implementation measures JavaScript strings:
 * an emoji counts as two.
 */
final class CountedPayload {
  private static final int MAX_DIGITS = 9;

  private CountedPayload() {}

  static List<EnginePacket> decode(Slice body) {
    if (body.isEmpty()) {
      throw new ProtocolException("body", "empty", "length:packet");
    }
    Utf8.require("body", body);
    List<EnginePacket> packets = new ArrayList<>();
    int at = 0;
    while (at < body.length()) {
      int colon = body.indexOf((byte) ':', at);
      int units = length(body.slice(at, colon < 0 ? body.length() : colon), colon >= 0);
      int end = Utf8.skip(body, colon + 1, units);
      if (end < 0) {
        throw new ProtocolException(
            "packet length",
            Integer.toString(units),
            Utf8.utf16Length(body.from(colon + 1)) + " characters at most");
      }
      if (units > 0) { // "0:" is how the official implementation writes no packets
        packets.add(EnginePackets.decodeText(Revision.EIO3, body.slice(colon + 1, end)));
      }
      at = end;
    }
    return packets;
  }

  private static int length(Slice digits, boolean ended) {
    int value = 0;
    boolean valid = ended && !digits.isEmpty() && digits.length() <= MAX_DIGITS;
    for (int i = 0; valid && i < digits.length(); i++) {
      int digit = digits.at(i) - '0';
      valid = digit >= 0 && digit <= 9;
      value = value * 10 + digit;
    }
    if (!valid) {
      throw new ProtocolException(
          "packet length",
          ProtocolException.quoted(digits),
          "1 to " + MAX_DIGITS + " digits and a colon");
    }
    return value;
  }

  static void write(List<EnginePacket> packets, ByteBuf out) {
    if (packets.isEmpty()) {
      ByteBufUtil.writeAscii(out, "0:");
    }
    for (EnginePacket packet : packets) {
      ByteBufUtil.writeAscii(out, Integer.toString(units(packet)));
      out.writeByte(':');
      EnginePackets.writeText(Revision.EIO3, packet, out);
    }
  }

  private static int units(EnginePacket packet) {
    return switch (packet) {
      case EnginePacket.Open open -> 1 + Utf8.utf16Length(open.json());
      case EnginePacket.Ping ping -> 1 + Utf8.utf16Length(ping.data());
      case EnginePacket.Pong pong -> 1 + Utf8.utf16Length(pong.data());
      case EnginePacket.Text text -> 1 + Utf8.utf16Length(text.text());
      case EnginePacket.Binary _,
          EnginePacket.Close _,
          EnginePacket.Upgrade _,
          EnginePacket.Noop _ ->
          EnginePackets.textSize(Revision.EIO3, packet); // ASCII
    };
  }
}
