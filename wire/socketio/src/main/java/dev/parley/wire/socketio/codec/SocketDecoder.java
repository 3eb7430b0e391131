package dev.parley.wire.socketio.codec;

import dev.parley.wire.socketio.codec.PayloadJson.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Joins the messages of one connection to Socket.IO packets: a text, then its binary parts.
 * Confined to the event loop of the connection.
 *
 * <p>After an exception nothing is pending any more; the connection is closed.
 */
public final class SocketDecoder {
  /** Names with a meaning of their own on one of the sides; never sent. */
  private static final Set<String> RESERVED =
      Set.of(
          "connect",
          "connect_error",
          "disconnect",
          "disconnecting",
          "newListener",
          "removeListener");

  private final Revision revision;
  private final PayloadJson json;
  private final CodecLimits limits;
  private final List<Slice> parts = new ArrayList<>();
  private @Nullable SocketText pending; // its JSON is checked
  private String pendingName = "";
  private int partBytes;
  private long deadlineNanos;

  public SocketDecoder(Revision revision, PayloadJson json) {
    this.revision = revision;
    this.json = json;
    this.limits = json.limits();
  }

  /**
   * Takes a text message.
   *
   * @return the packet, or null when binary parts follow
   */
  public @Nullable SocketPacket onText(Slice text, long nowNanos) {
    SocketText unfinished = pending;
    if (unfinished != null) {
      int missing = unfinished.attachments() - parts.size();
      reset();
      throw new ProtocolException("message", "text", missing + " more attachments");
    }
    SocketText head = SocketText.parse(revision, limits, text);
    if (head.attachments() == 0) {
      return packet(head);
    }
    pendingName = head.type() == SocketText.PacketType.BINARY_EVENT ? eventName(head.json()) : "";
    requireAckId(head);
    Attachments.require(json.tree("payload", head.json(), Shape.ARRAY), head.attachments());
    pending = head;
    deadlineNanos = nowNanos + limits.attachmentTimeout().toNanos();
    return null;
  }

  /**
   * Takes a binary message.
   *
   * @return the packet it completes, or null when more parts follow
   */
  public @Nullable SocketPacket onBinary(Slice bytes, long nowNanos) {
    SocketText head = pending;
    if (head == null) {
      throw new ProtocolException("message", bytes.length() + " bytes", "a text before bytes");
    }
    onTime(nowNanos);
    if (bytes.length() > limits.maxAttachmentBytes() - partBytes) {
      long size = (long) partBytes + bytes.length();
      reset();
      throw new ProtocolException(
          "attachments", size + " bytes", "at most " + limits.maxAttachmentBytes());
    }
    parts.add(bytes);
    partBytes += bytes.length();
    if (parts.size() < head.attachments()) {
      return null;
    }
    SocketPacket.Payload payload = new SocketPacket.Payload(head.json(), parts);
    String name = pendingName;
    reset();
    return head.type() == SocketText.PacketType.BINARY_EVENT
        ? new SocketPacket.Event(head.namespace(), name, head.ackId(), payload)
        : new SocketPacket.Ack(head.namespace(), head.ackId(), payload);
  }

  /** Whether binary parts are awaited; then until {@link #deadlineNanos}. */
  public boolean isPending() {
    return pending != null;
  }

  public long deadlineNanos() {
    return deadlineNanos;
  }

  /** Gives up on parts that are overdue. */
  public void onTime(long nowNanos) {
    SocketText head = pending;
    if (head != null && nowNanos - deadlineNanos >= 0) {
      int missing = head.attachments() - parts.size();
      reset();
      throw new ProtocolException(
          "attachments", missing + " missing", "all within " + limits.attachmentTimeout());
    }
  }

  private void reset() {
    pending = null;
    pendingName = "";
    partBytes = 0;
    parts.clear();
  }

  private SocketPacket packet(SocketText head) {
    requireAckId(head);
    return switch (head.type()) {
      case CONNECT -> new SocketPacket.Connect(head.namespace(), head.query(), connectData(head));
      case DISCONNECT -> {
        requireNoPayload("disconnect", head.json());
        yield new SocketPacket.Disconnect(head.namespace());
      }
      case EVENT, BINARY_EVENT ->
          new SocketPacket.Event(
              head.namespace(), eventName(head.json()), head.ackId(), payload(head));
      case ACK, BINARY_ACK -> {
        json.scan("ack", head.json(), Shape.ARRAY);
        yield new SocketPacket.Ack(head.namespace(), head.ackId(), payload(head));
      }
      case CONNECT_ERROR -> new SocketPacket.ConnectError(head.namespace(), errorData(head));
    };
  }

  private Slice connectData(SocketText head) {
    switch (revision) {
      case EIO3 -> requireNoPayload("connect", head.json());
      case EIO4 -> {
        if (!head.json().isEmpty()) {
          json.scan("connect", head.json(), Shape.OBJECT);
        }
      }
    }
    return head.json();
  }

  private Slice errorData(SocketText head) {
    switch (revision) {
      case EIO3 -> {
        if (!head.json().isEmpty()) {
          json.scan("error", head.json(), Shape.ANY);
        }
      }
      case EIO4 -> json.scan("connect error", head.json(), Shape.STRING_OR_OBJECT);
    }
    return head.json();
  }

  private String eventName(Slice payload) {
    String name = json.scanEvent(payload);
    if (RESERVED.contains(name)) {
      throw new ProtocolException(
          "event name", ProtocolException.quoted(name), "none of the reserved names");
    }
    return name;
  }

  private static SocketPacket.Payload payload(SocketText head) {
    return new SocketPacket.Payload(head.json(), List.of());
  }

  private static void requireAckId(SocketText head) {
    boolean present = head.ackId() != SocketPacket.NO_ACK;
    switch (head.type()) {
      case EVENT, BINARY_EVENT -> {}
      case ACK, BINARY_ACK -> {
        if (!present) {
          throw new ProtocolException("ack id", "none", "the id of the event");
        }
      }
      case CONNECT, DISCONNECT, CONNECT_ERROR -> {
        if (present) {
          throw new ProtocolException("ack id", Long.toString(head.ackId()), "none");
        }
      }
    }
  }

  private static void requireNoPayload(String where, Slice payload) {
    if (!payload.isEmpty()) {
      throw new ProtocolException(where, ProtocolException.quoted(payload), "no payload");
    }
  }
}
