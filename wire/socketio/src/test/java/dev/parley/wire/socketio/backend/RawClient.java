package dev.parley.wire.socketio.backend;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client that writes its packets by hand, over WebSocket. */
final class RawClient implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final WebSocket socket;

  RawClient(int port, String cookie) {
    socket =
        http.newWebSocketBuilder()
            .header("cookie", cookie)
            .buildAsync(
                URI.create("ws://127.0.0.1:" + port + "/socket.io/?EIO=4&transport=websocket"),
                new Listener())
            .join();
    var _ = next(); // the open packet
  }

  RawClient send(String packet) {
    var _ = socket.sendText(packet, true).join();
    return this;
  }

  RawClient send(byte[] part) {
    var _ = socket.sendBinary(ByteBuffer.wrap(part), true).join();
    return this;
  }

  /** The next packet; parts of a packet are their length in brackets. */
  String next() {
    try {
      String packet = received.poll(60, TimeUnit.SECONDS);
      if (packet == null) {
        throw new AssertionError("no packet in 60 s");
      }
      return packet;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      received.add("[" + data.remaining() + "]");
      from.request(1);
      return null;
    }
  }
}
