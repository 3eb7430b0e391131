package dev.parley.wire.socketio.codec;

import java.util.List;

/**
 * One packet of Socket.IO, binary parts included. Immutable; its JSON is well-formed text as it
 * came, so that an event goes on to others without being read.
 */
public sealed interface SocketPacket {
  /** The ack id of an event that asks for no answer. */
  long NO_ACK = -1;

  /** What JavaScript counts exactly: 2^53 − 1. */
  long MAX_ACK = (1L << 53) - 1;

  /** Where the packet belongs: {@code /} or {@code /name}. */
  String namespace();

  /**
   * Asks for a namespace, or grants it.
   *
   * @param query what follows the {@code ?} in revision 4 of Socket.IO, else empty
   * @param data a JSON object in revision 5, or empty
   */
  record Connect(String namespace, String query, Slice data) implements SocketPacket {
    public Connect {
      SocketText.requireNamespace(namespace);
    }

    public Connect(String namespace) {
      this(namespace, "", Slice.EMPTY);
    }
  }

  record Disconnect(String namespace) implements SocketPacket {
    public Disconnect {
      SocketText.requireNamespace(namespace);
    }
  }

  /**
   * An event.
   *
   * @param name the first element of its payload; a number as it is written
   * @param ackId 0 to {@link #MAX_ACK}, or {@link #NO_ACK}
   */
  record Event(String namespace, String name, long ackId, Payload payload) implements SocketPacket {
    public Event {
      SocketText.requireNamespace(namespace);
      SocketText.requireAckId(ackId, NO_ACK);
    }

    public boolean wantsAck() {
      return ackId != NO_ACK;
    }
  }

  /** The answer to an event. */
  record Ack(String namespace, long ackId, Payload payload) implements SocketPacket {
    public Ack {
      SocketText.requireNamespace(namespace);
      SocketText.requireAckId(ackId, 0);
    }
  }

  /** Refuses a namespace. Data: a string or an object; in revision 4 any JSON, or empty. */
  record ConnectError(String namespace, Slice data) implements SocketPacket {
    public ConnectError {
      SocketText.requireNamespace(namespace);
    }
  }

  /**
   * The arguments of an event or an answer.
   *
   * @param json an array, with placeholders where attachments belong
   * @param attachments the binary parts, each referred to once
   */
  record Payload(Slice json, List<Slice> attachments) {
    public Payload {
      attachments = List.copyOf(attachments);
    }
  }
}
