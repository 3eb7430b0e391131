package dev.parley.wire.socketio.codec;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * Packets in a binary body (Engine.IO 3, "Payload" with XHR2): a kind, the digits of the length in
 * bytes, 255, the packet. Stateless.
 *
 * <p>The bytes of a binary packet begin with its type, as the official implementation writes it;
 * the example in the document leaves the type out.
 */
final class FramedPayload {
  private static final int TEXT = 0;
  private static final int BINARY = 1;
  private static final int END = 0xff;
  private static final int MAX_DIGITS = 9;

  private FramedPayload() {}

  static List<EnginePacket> decode(Slice body) {
    if (body.isEmpty()) {
      throw new ProtocolException("body", "empty", "framed packets");
    }
    List<EnginePacket> packets = new ArrayList<>();
    int at = 0;
    while (at < body.length()) {
      int kind = body.at(at);
      int end = body.indexOf((byte) END, at + 1);
      int length = length(body.slice(at + 1, end < 0 ? body.length() : end), end >= 0);
      if (length > body.length() - end - 1) {
        throw new ProtocolException(
            "packet length", Integer.toString(length), body.length() - end - 1 + " at most");
      }
      Slice packet = body.slice(end + 1, end + 1 + length);
      packets.add(
          switch (kind) {
            case TEXT -> EnginePackets.decodeText(Revision.EIO3, packet);
            case BINARY -> EnginePackets.decodeBinary(Revision.EIO3, packet);
            default ->
                throw new ProtocolException(
                    "packet kind", Integer.toString(kind & 0xff), "0 for text or 1 for bytes");
          });
      at = end + 1 + length;
    }
    return packets;
  }

  private static int length(Slice digits, boolean ended) {
    int value = 0;
    boolean valid = ended && !digits.isEmpty() && digits.length() <= MAX_DIGITS;
    for (int i = 0; valid && i < digits.length(); i++) {
      valid = digits.at(i) >= 0 && digits.at(i) <= 9;
      value = value * 10 + digits.at(i);
    }
    if (!valid) {
      throw new ProtocolException(
          "packet length",
          digits.length() + " bytes " + ProtocolException.quoted(digits),
          "1 to " + MAX_DIGITS + " digits 0 to 9 and 255");
    }
    return value;
  }

  static void write(List<EnginePacket> packets, ByteBuf out) {
    for (EnginePacket packet : packets) {
      boolean binary = EnginePackets.isBinary(packet);
      ByteBuf frame = out.alloc().buffer(16);
      try {
        EnginePackets.writeFrame(Revision.EIO3, packet, frame);
        out.writeByte(binary ? BINARY : TEXT);
        String digits = Integer.toString(frame.readableBytes());
        for (int i = 0; i < digits.length(); i++) {
          out.writeByte(digits.charAt(i) - '0');
        }
        out.writeByte(END);
        out.writeBytes(frame);
      } finally {
        frame.release();
      }
    }
  }
}
