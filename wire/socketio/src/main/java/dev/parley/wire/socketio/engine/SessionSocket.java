package dev.parley.wire.socketio.engine;

import dev.parley.transport.WebSocket;
import dev.parley.transport.WebSocketListener;
import dev.parley.wire.socketio.codec.EnginePacket;
import dev.parley.wire.socketio.codec.EnginePackets;
import dev.parley.wire.socketio.codec.ProtocolException;
import dev.parley.wire.socketio.codec.Slice;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings what one WebSocket receives to its session, or to the probe while it has yet to take the
 * session over. Confined to the socket's loop.
 */
final class SessionSocket implements WebSocketListener, Runnable {
  private final Session session;
  private @Nullable Probe probe;

  SessionSocket(Session session, @Nullable Probe probe) {
    this.session = session;
    this.probe = probe;
  }

  /** From now on it carries the session. */
  void carry() {
    probe = null;
  }

  @Override
  public void onText(WebSocket socket, ByteBuf utf8) {
    if (probe == null) {
      receiveText(utf8);
    } else {
      probe.onText(utf8);
    }
  }

  @Override
  public void onBinary(WebSocket socket, ByteBuf bytes) {
    if (probe == null) {
      receiveBinary(bytes);
    } else {
      probe.fail();
    }
  }

  private void receiveText(ByteBuf utf8) {
    if (!session.isOpen()) {
      return;
    }
    int at = utf8.readerIndex();
    int size = utf8.readableBytes();
    if (size > 0 && utf8.getByte(at) == '4') {
      byte[] text = new byte[size - 1];
      utf8.getBytes(at + 1, text);
      session.onText(Slice.of(text));
    } else {
      receive(() -> EnginePackets.decodeText(session.revision(), Slice.copyOf(utf8)));
    }
  }

  private void receiveBinary(ByteBuf frame) {
    if (session.isOpen()) {
      receive(() -> EnginePackets.decodeBinary(session.revision(), Slice.copyOf(frame)));
    }
  }

  private void receive(Supplier<EnginePacket> decoder) {
    EnginePacket packet;
    try {
      packet = decoder.get();
    } catch (ProtocolException wrong) {
      session.fail(wrong);
      return;
    }
    session.onPacket(packet);
  }

  /** The socket has become writable again. */
  @Override
  public void run() {
    if (probe == null) {
      session.onWritable();
    }
  }

  @Override
  public void onClose(WebSocket socket, int code, String reason) {
    if (probe == null) {
      session.onSocketClose(code);
    } else {
      probe.fail();
    }
  }
}
