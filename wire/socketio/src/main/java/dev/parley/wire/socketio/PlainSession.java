package dev.parley.wire.socketio;

import dev.parley.socketio.EngineSocket;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.engine.CloseReason;
import dev.parley.wire.socketio.engine.EngineConfig;
import dev.parley.wire.socketio.engine.EngineServer;
import dev.parley.wire.socketio.engine.Outgoing;
import dev.parley.wire.socketio.engine.Session;
import dev.parley.wire.socketio.engine.SessionListener;
import java.util.function.Consumer;

/** A session of Engine.IO as a program sees it that wants nothing above it. */
public final class PlainSession implements EngineSocket, SessionListener {
  private final Session session;
  private Consumer<String> text = _ -> {};
  private Consumer<byte[]> binary = _ -> {};
  private Consumer<String> closed = _ -> {};

  private PlainSession(Session session) {
    this.session = session;
  }

  /** Engine.IO alone: {@code opened} sets the handlers of each session. */
  public static EngineServer server(EngineConfig config, Consumer<EngineSocket> opened) {
    return new EngineServer(
        config,
        session -> {
          PlainSession plain = new PlainSession(session);
          opened.accept(plain);
          return plain;
        });
  }

  @Override
  public String id() {
    return session.id();
  }

  @Override
  public String transport() {
    return session.transport();
  }

  @Override
  public EngineSocket onText(Consumer<String> handler) {
    text = handler;
    return this;
  }

  @Override
  public EngineSocket onBinary(Consumer<byte[]> handler) {
    binary = handler;
    return this;
  }

  @Override
  public EngineSocket onClose(Consumer<String> handler) {
    closed = handler;
    return this;
  }

  @Override
  public void send(String message) {
    session.execute(() -> session.send(Outgoing.text(Slice.utf8(message))));
  }

  @Override
  public void send(byte[] bytes) {
    session.execute(() -> session.send(Outgoing.binary(Slice.of(bytes))));
  }

  @Override
  public void close() {
    session.close(CloseReason.FORCED_SERVER_CLOSE);
  }

  @Override
  public void onText(Slice utf8) {
    text.accept(utf8.toString());
  }

  @Override
  public void onBinary(Slice bytes) {
    binary.accept(bytes.toArray());
  }

  @Override
  public void onClose(CloseReason reason) {
    closed.accept(reason.label());
  }
}
