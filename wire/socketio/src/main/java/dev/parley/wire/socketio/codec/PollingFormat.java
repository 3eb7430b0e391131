package dev.parley.wire.socketio.codec;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** How several packets share the body of one polling request or answer. Stateless. */
public enum PollingFormat {
  /** Revision 4: text packets between record separators. */
  RECORDS,
  /** Revision 3 in a text body: each packet behind its length in characters. */
  COUNTED,
  /** Revision 3 in a binary body: each packet behind its length in bytes. */
  FRAMED;

  /**
   * The format of what a client sends.
   *
   * @param binaryBody whether its content type is {@code application/octet-stream}
   */
  public static PollingFormat received(Revision revision, boolean binaryBody) {
    return switch (revision) {
      case EIO4 -> RECORDS;
      case EIO3 -> binaryBody ? FRAMED : COUNTED;
    };
  }

  /**
   * The format of an answer: revision 3 frames it only when bytes are in it and the client did not
   * ask for base64 ({@code b64=1}).
   */
  public static PollingFormat sent(Revision revision, boolean base64, List<EnginePacket> packets) {
    return switch (revision) {
      case EIO4 -> RECORDS;
      case EIO3 -> !base64 && packets.stream().anyMatch(EnginePackets::isBinary) ? FRAMED : COUNTED;
    };
  }

  /** All packets of a body, or none of them when one is wrong. */
  public List<EnginePacket> decode(Slice body, CodecLimits limits) {
    if (body.length() > limits.maxPayload()) {
      throw new ProtocolException(
          "body", body.length() + " bytes", "at most " + limits.maxPayload());
    }
    return switch (this) {
      case RECORDS -> RecordPayload.decode(body);
      case COUNTED -> CountedPayload.decode(body);
      case FRAMED -> FramedPayload.decode(body);
    };
  }

  public void write(List<EnginePacket> packets, ByteBuf out) {
    switch (this) {
      case RECORDS -> RecordPayload.write(packets, out);
      case COUNTED -> CountedPayload.write(packets, out);
      case FRAMED -> FramedPayload.write(packets, out);
    }
  }

  /** Bytes one more packet adds to a body at most, to keep an answer below a bound. */
  public int cost(EnginePacket packet) {
    return switch (this) {
      case RECORDS -> 1 + EnginePackets.textSize(Revision.EIO4, packet);
      case COUNTED, FRAMED -> 12 + EnginePackets.textSize(Revision.EIO3, packet);
    };
  }
}
