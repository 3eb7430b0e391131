package dev.parley.socketio;

import java.util.function.Consumer;

/**
 * A session of Engine.IO, the transport below Socket.IO: whole messages in order over long-polling
 * or WebSocket, and nothing above them. Safe on any thread; its handlers run on the session's event
 * loop and must not block.
 */
public interface EngineSocket {
  String id();

  /** {@code polling} or {@code websocket}. */
  String transport();

  /** Set while it is opened. */
  EngineSocket onText(Consumer<String> handler);

  /** Set while it is opened. */
  EngineSocket onBinary(Consumer<byte[]> handler);

  /** Set while it is opened; hears the reason, in the official server's words. */
  EngineSocket onClose(Consumer<String> handler);

  void send(String text);

  /** The array is handed over: nobody changes it afterwards. */
  void send(byte[] bytes);

  void close();
}
