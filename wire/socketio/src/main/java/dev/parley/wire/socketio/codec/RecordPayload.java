package dev.parley.wire.socketio.codec;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Packets between record separators (Engine.IO 4, "HTTP long-polling"). Stateless. */
final class RecordPayload {
  private static final byte SEPARATOR = 0x1e;

  private RecordPayload() {}

  static List<EnginePacket> decode(Slice body) {
    List<EnginePacket> packets = new ArrayList<>();
    int start = 0;
    int end;
    do {
      end = body.indexOf(SEPARATOR, start);
      Slice packet = body.slice(start, end < 0 ? body.length() : end);
      packets.add(EnginePackets.decodeText(Revision.EIO4, packet));
      start = end + 1;
    } while (end >= 0);
    return packets;
  }

  static void write(List<EnginePacket> packets, ByteBuf out) {
    for (int i = 0; i < packets.size(); i++) {
      if (i > 0) {
        out.writeByte(SEPARATOR);
      }
      EnginePackets.writeText(Revision.EIO4, packets.get(i), out);
    }
  }
}
