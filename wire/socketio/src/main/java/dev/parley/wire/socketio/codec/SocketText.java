package dev.parley.wire.socketio.codec;

/**
 * The head of a Socket.IO packet: what stands before its JSON. Immutable.
 *
 * <p>{@code type[attachments-][namespace,][ack id][JSON]} (Socket.IO 5, "Format").
 *
 * @param namespace without the query
 * @param query without the {@code ?}; only revision 4 separates it
 * @param json the rest, not yet looked at
 */
record SocketText(
    PacketType type, int attachments, String namespace, String query, long ackId, Slice json) {

  /** The types of both revisions; 4 is ERROR in revision 4. */
  enum PacketType {
    CONNECT,
    DISCONNECT,
    EVENT,
    ACK,
    CONNECT_ERROR,
    BINARY_EVENT,
    BINARY_ACK;

    boolean isBinary() {
      return this == BINARY_EVENT || this == BINARY_ACK;
    }
  }

  private static final PacketType[] TYPES = PacketType.values();

  static SocketText parse(Revision revision, CodecLimits limits, Slice text) {
    if (text.isEmpty()) {
      throw new ProtocolException("packet", "empty", "a packet type");
    }
    if (text.length() > limits.maxPayload()) {
      throw new ProtocolException(
          "packet", text.length() + " bytes", "at most " + limits.maxPayload());
    }
    Utf8.require("packet", text);
    PacketType type = type(text);
    int at = 1;
    int attachments = 0;
    if (type.isBinary()) {
      int dash = text.indexOf((byte) '-', at);
      attachments = attachments(text.slice(at, dash < 0 ? text.length() : dash), dash, limits);
      at = dash + 1;
    }
    String namespace = "/";
    String query = "";
    if (at < text.length() && text.at(at) == '/') {
      int comma = text.indexOf((byte) ',', at);
      int end = comma < 0 ? text.length() : comma; // nothing follows a namespace without comma
      String full = namespace(text.slice(at, end), limits);
      int mark = revision == Revision.EIO3 ? full.indexOf('?') : -1;
      namespace = mark < 0 ? full : full.substring(0, mark);
      query = mark < 0 ? "" : full.substring(mark + 1);
      at = comma < 0 ? end : end + 1;
    }
    int digits = at;
    while (digits < text.length() && text.at(digits) >= '0' && text.at(digits) <= '9') {
      digits++;
    }
    long ackId = digits == at ? SocketPacket.NO_ACK : ackId(text.slice(at, digits));
    return new SocketText(type, attachments, namespace, query, ackId, text.from(digits));
  }

  static void requireNamespace(String namespace) {
    if (!namespace.startsWith("/") || namespace.indexOf(',') >= 0) {
      throw new ProtocolException(
          "namespace", ProtocolException.quoted(namespace), "/name without a comma");
    }
  }

  static void requireAckId(long ackId, long min) {
    if (ackId < min || ackId > SocketPacket.MAX_ACK) {
      throw new ProtocolException(
          "ack id", Long.toString(ackId), min + " to " + SocketPacket.MAX_ACK);
    }
  }

  private static PacketType type(Slice text) {
    int type = text.at(0) - '0';
    if (type < 0 || type >= TYPES.length) {
      throw new ProtocolException(
          "packet type", ProtocolException.quoted(text.slice(0, 1)), "0 to 6");
    }
    return TYPES[type];
  }

  private static int attachments(Slice digits, int dash, CodecLimits limits) {
    long count = dash < 0 ? -1 : number(digits, 9);
    if (count < 0) {
      throw new ProtocolException(
          "attachments", ProtocolException.quoted(digits), "a count and a dash");
    }
    if (count > limits.maxAttachments()) {
      throw new ProtocolException(
          "attachments", Long.toString(count), "at most " + limits.maxAttachments());
    }
    return (int) count;
  }

  private static String namespace(Slice bytes, CodecLimits limits) {
    if (bytes.length() > limits.maxNamespace()) {
      throw new ProtocolException(
          "namespace", bytes.length() + " bytes", "at most " + limits.maxNamespace());
    }
    for (int i = 0; i < bytes.length(); i++) {
      int b = bytes.at(i);
      if ((b >= 0 && b < ' ') || b == 0x7f) {
        throw new ProtocolException(
            "namespace", ProtocolException.quoted(bytes), "no control characters");
      }
    }
    return bytes.toString();
  }

  private static long ackId(Slice digits) {
    long id = number(digits, 16);
    if (id < 0 || id > SocketPacket.MAX_ACK) {
      throw new ProtocolException(
          "ack id", ProtocolException.quoted(digits), "0 to " + SocketPacket.MAX_ACK);
    }
    return id;
  }

  /** −1 when it is no number of at most that many digits. */
  private static long number(Slice digits, int max) {
    if (digits.isEmpty() || digits.length() > max) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.at(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
