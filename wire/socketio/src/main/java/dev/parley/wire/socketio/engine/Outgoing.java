package dev.parley.wire.socketio.engine;

import dev.parley.transport.SharedMessage;
import dev.parley.transport.WebSocket;
import dev.parley.wire.socketio.codec.Encoded;
import dev.parley.wire.socketio.codec.EnginePacket;
import dev.parley.wire.socketio.codec.EnginePackets;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way to one session or many: encoded once, in each form that is asked for.
 * Immutable, any thread; a shared one lives as long as somebody holds a reference.
 */
public final class Outgoing {
  private static final byte MESSAGE = 4;

  static final Outgoing PING = new Outgoing(Slice.utf8("2"), List.of(), false, new Frames(0));
  static final Outgoing NOOP = control("6");
  static final Outgoing CLOSE = control("1");

  private final @Nullable Slice text; // the content of a text frame, packet type included
  private final List<Slice> attachments;
  private final boolean compress;
  private final @Nullable Frames frames;

  private Outgoing(
      @Nullable Slice text, List<Slice> attachments, boolean compress, @Nullable Frames frames) {
    this.text = text;
    this.attachments = attachments;
    this.compress = compress;
    this.frames = frames;
  }

  /** For one session; needs no release. */
  public static Outgoing of(Encoded packet, boolean compress) {
    return new Outgoing(packet.frame(), packet.attachments(), compress, null);
  }

  /** For many sessions; the maker releases it after the last {@link Session#send}. */
  public static Outgoing shared(Encoded packet, boolean compress) {
    List<Slice> attachments = packet.attachments();
    return new Outgoing(packet.frame(), attachments, compress, new Frames(attachments.size()));
  }

  /** A text message of Engine.IO. */
  public static Outgoing text(Slice utf8) {
    byte[] frame = new byte[1 + utf8.length()];
    frame[0] = '4';
    System.arraycopy(utf8.array(), utf8.offset(), frame, 1, utf8.length());
    return new Outgoing(Slice.of(frame), List.of(), true, null);
  }

  /** A binary message of Engine.IO. */
  public static Outgoing binary(Slice bytes) {
    return new Outgoing(null, List.of(bytes), true, null);
  }

  static Outgoing of(EnginePacket.Open handshake) {
    return control("0" + handshake.json());
  }

  /** A packet that is no message. */
  static Outgoing control(String packet) {
    return new Outgoing(Slice.utf8(packet), List.of(), false, null);
  }

  static Outgoing pong(Slice data) {
    return control("3" + data);
  }

  /** Its size, attachments included. */
  public int bytes() {
    int bytes = text == null ? 0 : text.length();
    for (int i = 0; i < attachments.size(); i++) {
      bytes += attachments.get(i).length();
    }
    return bytes;
  }

  boolean compresses() {
    return compress;
  }

  /**
   * Takes a reference to a shared one for another thread, which releases it; nothing for others.
   */
  public Outgoing retain() {
    if (frames != null) {
      frames.retain();
    }
    return this;
  }

  /** Gives up a reference to a shared one; does nothing for others. */
  public void release() {
    if (frames != null) {
      frames.release();
    }
  }

  /** Sends it, to be called by who holds a reference. */
  void writeTo(WebSocket socket, Revision revision) {
    Frames shared = frames;
    if (shared == null) {
      copyTo(socket, revision);
      return;
    }
    if (text != null) {
      socket.send(shared.text(text, compress));
    }
    for (int i = 0; i < attachments.size(); i++) {
      socket.send(shared.binary(i, attachments.get(i), revision, compress));
    }
  }

  /** Sends it from memory that needs no reference: it may have waited in a queue. */
  void copyTo(WebSocket socket, Revision revision) {
    if (text != null) {
      socket.sendText(text.array(), text.offset(), text.length(), compress);
    }
    for (int i = 0; i < attachments.size(); i++) {
      Slice bytes = attachments.get(i);
      switch (revision) {
        case EIO4 -> socket.sendBinary(bytes.array(), bytes.offset(), bytes.length(), compress);
        case EIO3 -> {
          byte[] frame = withType(bytes);
          socket.sendBinary(frame, 0, frame.length, compress);
        }
      }
    }
  }

  /** Revision 3 puts the type of the packet before the bytes. */
  private static byte[] withType(Slice bytes) {
    byte[] frame = new byte[1 + bytes.length()];
    frame[0] = MESSAGE;
    System.arraycopy(bytes.array(), bytes.offset(), frame, 1, bytes.length());
    return frame;
  }

  /** Adds the packets it consists of, for the body of a polling answer. */
  void addTo(List<EnginePacket> packets, Revision revision) {
    if (text != null) {
      packets.add(
          text.at(0) == '4'
              ? new EnginePacket.Text(text.from(1))
              : EnginePackets.decodeText(revision, text));
    }
    for (Slice bytes : attachments) {
      packets.add(new EnginePacket.Binary(bytes));
    }
  }

  /** The frames of a shared message, made on first use. Any thread that holds a reference. */
  private static final class Frames {
    private final int attachments;
    private final AtomicInteger references = new AtomicInteger(1);
    // The text, the attachments for revision 4, those for revision 3.
    private final AtomicReferenceArray<@Nullable SharedMessage> made;

    Frames(int attachments) {
      this.attachments = attachments;
      this.made = new AtomicReferenceArray<>(1 + 2 * attachments);
    }

    SharedMessage text(Slice text, boolean compress) {
      SharedMessage message = made.get(0);
      return message != null
          ? message
          : publish(
              0, SharedMessage.text(buffer(text.array(), text.offset(), text.length()), compress));
    }

    SharedMessage binary(int index, Slice bytes, Revision revision, boolean compress) {
      int at =
          switch (revision) {
            case EIO4 -> 1 + index;
            case EIO3 -> 1 + attachments + index;
          };
      SharedMessage message = made.get(at);
      if (message != null) {
        return message;
      }
      ByteBuf frame =
          switch (revision) {
            case EIO4 -> buffer(bytes.array(), bytes.offset(), bytes.length());
            case EIO3 -> Unpooled.wrappedBuffer(withType(bytes));
          };
      return publish(at, SharedMessage.binary(frame, compress));
    }

    private static ByteBuf buffer(byte[] array, int offset, int length) {
      return Unpooled.wrappedBuffer(array, offset, length);
    }

    /** Two loops may both make it; then one goes. */
    private SharedMessage publish(int at, SharedMessage message) {
      SharedMessage earlier = made.compareAndExchange(at, null, message);
      if (earlier == null) {
        return message;
      }
      message.release();
      return earlier;
    }

    void retain() {
      if (references.getAndIncrement() <= 0) {
        throw new IllegalStateException("outgoing: released (expected: a reference)");
      }
    }

    void release() {
      if (references.decrementAndGet() == 0) {
        for (int i = 0; i < made.length(); i++) {
          SharedMessage message = made.get(i);
          if (message != null) {
            message.release();
          }
        }
      }
    }
  }
}
