package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;

/**
 * One accepted WebSocket (RFC 6455). Confined to {@link #loop()}. What is sent after the close, or
 * to a client that has gone, is dropped; buffers are released either way.
 */
public interface WebSocket {
  EventLoop loop();

  InetSocketAddress remote();

  /** False once a close has been sent or received, or the client has gone. */
  boolean isOpen();

  /** Sends a text message. */
  void sendText(CharSequence text);

  /** Sends a text message that is encoded in UTF-8 already, and releases it. */
  void sendText(ByteBuf utf8);

  /** Sends a binary message, and releases it. */
  void sendBinary(ByteBuf bytes);

  /**
   * Sends a text message that is encoded in UTF-8 already, of which a copy is made.
   *
   * @param compress false to send it as it is, whatever was agreed on
   */
  void sendText(byte[] utf8, int offset, int length, boolean compress);

  /** Sends a binary message, of which a copy is made. */
  void sendBinary(byte[] bytes, int offset, int length, boolean compress);

  /** Sends a message shared by many. Retained as needed. */
  void send(SharedMessage message);

  /**
   * Sends a ping, and releases its payload of at most 125 bytes; the client's answer comes to
   * {@link WebSocketListener#onPong}.
   */
  void ping(ByteBuf payload);

  /** False above the high-water mark, as for streamed bodies. */
  boolean isWritable();

  /** Bytes written that the client's side has not taken yet, framing included. */
  long pendingBytes();

  /** Runs on the loop each time the socket has become writable again. */
  void onWritable(Runnable action);

  /**
   * Hands out no more messages, and leaves what the client sends to its kernel. Control frames wait
   * too, the client's close among them.
   */
  void pauseReading();

  /** Hands out what has waited, and reads on. */
  void resumeReading();

  /** Sends what was written so far without waiting for the end of the loop's task batch. */
  void flush();

  /**
   * Begins the closing handshake, or ends the connection where {@link WebSocketOptions#closeFrame}
   * says so; messages that still come are dropped.
   *
   * @param code 1000..1003, 1007..1014 or 3000..4999 (RFC 6455 §7.4)
   * @param reason at most 123 bytes of UTF-8
   */
  void close(int code, String reason);

  /** Closes the connection without the handshake. */
  void abort();
}
