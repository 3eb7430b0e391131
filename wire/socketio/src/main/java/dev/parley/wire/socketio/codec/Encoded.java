package dev.parley.wire.socketio.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One Socket.IO packet as all its recipients get it. Immutable: encoded once, shared by every
 * connection of any revision and transport.
 *
 * @param frame the content of a text frame, type of the Engine.IO message included
 * @param attachments the binary messages that follow it
 */
public record Encoded(Slice frame, List<Slice> attachments) {
  private static final char MESSAGE = '4';

  /**
   * Events, answers and disconnects are the same bytes in both revisions; only {@code Connect}
   * differs, which has a query in revision 4 and data in revision 5.
   */
  public static Encoded of(Revision revision, SocketPacket packet) {
    return switch (packet) {
      case SocketPacket.Connect connect ->
          switch (revision) {
            case EIO3 -> plain('0', withQuery(connect.namespace(), connect.query()), Slice.EMPTY);
            case EIO4 -> plain('0', connect.namespace(), connect.data());
          };
      case SocketPacket.Disconnect disconnect -> plain('1', disconnect.namespace(), Slice.EMPTY);
      case SocketPacket.ConnectError error -> plain('4', error.namespace(), error.data());
      case SocketPacket.Event event -> {
        char type = event.payload().attachments().isEmpty() ? '2' : '5';
        yield with(type, event.namespace(), event.ackId(), event.payload());
      }
      case SocketPacket.Ack ack -> {
        char type = ack.payload().attachments().isEmpty() ? '3' : '6';
        yield with(type, ack.namespace(), ack.ackId(), ack.payload());
      }
    };
  }

  /** The same as Engine.IO packets, in their order; the bytes are shared, not copied. */
  public List<EnginePacket> packets() {
    EnginePacket text = new EnginePacket.Text(frame.from(1));
    if (attachments.isEmpty()) {
      return List.of(text);
    }
    List<EnginePacket> packets = new ArrayList<>(1 + attachments.size());
    packets.add(text);
    for (Slice attachment : attachments) {
      packets.add(new EnginePacket.Binary(attachment));
    }
    return packets;
  }

  private static String withQuery(String namespace, String query) {
    return query.isEmpty() ? namespace : namespace + "?" + query;
  }

  private static Encoded plain(char type, String namespace, Slice json) {
    return with(type, namespace, SocketPacket.NO_ACK, new SocketPacket.Payload(json, List.of()));
  }

  private static Encoded with(
      char type, String namespace, long ackId, SocketPacket.Payload payload) {
    StringBuilder head = new StringBuilder(16).append(MESSAGE).append(type);
    if (!payload.attachments().isEmpty()) {
      head.append(payload.attachments().size()).append('-');
    }
    if (!namespace.equals("/")) {
      head.append(namespace).append(',');
    }
    if (ackId != SocketPacket.NO_ACK) {
      head.append(ackId);
    }
    byte[] start = head.toString().getBytes(StandardCharsets.UTF_8);
    Slice json = payload.json();
    byte[] frame = Arrays.copyOf(start, start.length + json.length());
    System.arraycopy(json.array(), json.offset(), frame, start.length, json.length());
    return new Encoded(Slice.of(frame), payload.attachments());
  }
}
