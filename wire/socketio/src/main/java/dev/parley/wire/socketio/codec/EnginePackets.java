package dev.parley.wire.socketio.codec;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Base64;

/**
 * Engine.IO packets as they stand in a WebSocket frame, and as parts of a polling body. Stateless.
 *
 * <p>Sources: Engine.IO 4 "Packet encoding", Engine.IO 3 "Packet".
 */
public final class EnginePackets {
  private static final byte MESSAGE = 4;

  private EnginePackets() {}

  /** A text frame, or one text packet of a polling body. */
  public static EnginePacket decodeText(Revision revision, Slice packet) {
    if (packet.isEmpty()) {
      throw new ProtocolException("packet", "empty", "a packet type");
    }
    Utf8.require("packet", packet);
    Slice data = packet.from(1);
    return switch (packet.at(0)) {
      case '0' -> new EnginePacket.Open(data);
      case '1' -> bare("close", data, EnginePacket.CLOSE);
      case '2' -> new EnginePacket.Ping(data);
      case '3' -> new EnginePacket.Pong(data);
      case '4' -> new EnginePacket.Text(data);
      case '5' -> bare("upgrade", data, EnginePacket.UPGRADE);
      case '6' -> bare("noop", data, EnginePacket.NOOP);
      case 'b' -> base64(revision, data);
      default ->
          throw new ProtocolException(
              "packet type", ProtocolException.quoted(packet.slice(0, 1)), "0 to 6 or b");
    };
  }

  /** A binary frame; revision 3 puts the packet type, as a number, before the bytes. */
  public static EnginePacket.Binary decodeBinary(Revision revision, Slice frame) {
    return switch (revision) {
      case EIO4 -> new EnginePacket.Binary(frame);
      case EIO3 -> {
        if (frame.isEmpty() || frame.at(0) != MESSAGE) {
          throw new ProtocolException(
              "binary packet type",
              frame.isEmpty() ? "none" : Integer.toString(frame.at(0) & 0xff),
              "4, a message");
        }
        yield new EnginePacket.Binary(frame.from(1));
      }
    };
  }

  private static EnginePacket bare(String type, Slice data, EnginePacket packet) {
    if (!data.isEmpty()) {
      throw new ProtocolException(type, data.length() + " bytes of data", "none");
    }
    return packet;
  }

  private static EnginePacket.Binary base64(Revision revision, Slice data) {
    Slice text =
        switch (revision) {
          case EIO4 -> data;
          case EIO3 -> {
            if (data.isEmpty() || data.at(0) != '4') {
              throw new ProtocolException(
                  "base64 packet type",
                  ProtocolException.quoted(data.slice(0, Math.min(1, data.length()))),
                  "4, a message");
            }
            yield data.from(1);
          }
        };
    try {
      return new EnginePacket.Binary(Slice.of(Base64.getDecoder().decode(withoutLineBreaks(text))));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("base64 packet", ProtocolException.quoted(text), "base64");
    }
  }

  /** The Java client breaks lines after 76 digits, and at the end. */
  private static byte[] withoutLineBreaks(Slice text) {
    byte[] digits = text.toArray();
    int kept = 0;
    for (byte digit : digits) {
      if (digit != '\n' && digit != '\r') {
        digits[kept++] = digit;
      }
    }
    return kept == digits.length ? digits : Arrays.copyOf(digits, kept);
  }

  /** Whether a packet goes into a binary frame where frames can be binary. */
  public static boolean isBinary(EnginePacket packet) {
    return packet instanceof EnginePacket.Binary;
  }

  /**
   * Appends the content of the frame of one packet; see {@link #isBinary} for the kind of frame.
   */
  public static void writeFrame(Revision revision, EnginePacket packet, ByteBuf out) {
    switch (packet) {
      case EnginePacket.Binary binary -> {
        switch (revision) {
          case EIO4 -> {}
          case EIO3 -> out.writeByte(MESSAGE);
        }
        binary.bytes().writeTo(out);
      }
      case EnginePacket.Open _,
          EnginePacket.Close _,
          EnginePacket.Ping _,
          EnginePacket.Pong _,
          EnginePacket.Text _,
          EnginePacket.Upgrade _,
          EnginePacket.Noop _ ->
          writeText(revision, packet, out);
    }
  }

  /** Appends a packet as text; bytes become base64 behind a {@code b}. */
  public static void writeText(Revision revision, EnginePacket packet, ByteBuf out) {
    switch (packet) {
      case EnginePacket.Open open -> write('0', open.json(), out);
      case EnginePacket.Close _ -> out.writeByte('1');
      case EnginePacket.Ping ping -> write('2', ping.data(), out);
      case EnginePacket.Pong pong -> write('3', pong.data(), out);
      case EnginePacket.Text text -> write('4', text.text(), out);
      case EnginePacket.Binary binary -> {
        out.writeByte('b');
        switch (revision) {
          case EIO4 -> {}
          case EIO3 -> out.writeByte('4');
        }
        out.writeBytes(Base64.getEncoder().encode(binary.bytes().toArray()));
      }
      case EnginePacket.Upgrade _ -> out.writeByte('5');
      case EnginePacket.Noop _ -> out.writeByte('6');
    }
  }

  private static void write(char type, Slice data, ByteBuf out) {
    out.writeByte(type);
    data.writeTo(out);
  }

  /** Bytes that {@link #writeText} appends. */
  public static int textSize(Revision revision, EnginePacket packet) {
    return switch (packet) {
      case EnginePacket.Open open -> 1 + open.json().length();
      case EnginePacket.Ping ping -> 1 + ping.data().length();
      case EnginePacket.Pong pong -> 1 + pong.data().length();
      case EnginePacket.Text text -> 1 + text.text().length();
      case EnginePacket.Binary binary -> {
        int digits = Math.toIntExact(4L * ((binary.bytes().length() + 2L) / 3));
        yield digits
            + switch (revision) {
              case EIO4 -> 1;
              case EIO3 -> 2;
            };
      }
      case EnginePacket.Close _, EnginePacket.Upgrade _, EnginePacket.Noop _ -> 1;
    };
  }
}
