package dev.parley.wire.socketio.engine;

import dev.parley.transport.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The answer to one request, to be given once. Any loop may give it; it is sent on the one the
 * request came on.
 */
final class Answer {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Response response;
  private final Coding accepted;
  private boolean given; // confined to the response's loop

  Answer(Response response, Coding accepted) {
    this.response = response;
    this.accepted = accepted;
  }

  /** On the response's loop: runs when the client has gone without an answer. */
  void onCancel(Runnable action) {
    response.onClose(() -> {
      if (!given) {
        action.run();
      }
    });
  }

  /** The answer to a poll. */
  void packets(boolean binary, boolean compress, ByteBuf body) {
    String type = binary ? "application/octet-stream" : "text/plain; charset=UTF-8";
    give(200, type, compress ? accepted : Coding.IDENTITY, body);
  }

  /** The answer to what a client has sent; as HTML, since old browsers download other types. */
  void ok() {
    give(200, "text/html", Coding.IDENTITY, ascii("ok"));
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII));
  }

  void refuse(RequestError error) {
    refuse(error, error.message());
  }

  void refuse(RequestError error, String message) {
    byte[] json =
        JSON.writeValueAsBytes(
            JsonNodeFactory.instance
                .objectNode()
                .put("code", error.code())
                .put("message", message));
    give(error.status(), "application/json", Coding.IDENTITY, Unpooled.wrappedBuffer(json));
  }

  private void give(int status, String type, Coding coding, ByteBuf body) {
    if (response.loop().inEventLoop()) {
      send(status, type, coding, body);
      return;
    }
    try {
      response.loop().execute(() -> send(status, type, coding, body));
    } catch (RejectedExecutionException closed) {
      body.release(); // so has been the connection
    }
  }

  private void send(int status, String type, Coding coding, ByteBuf body) {
    given = true;
    HttpHeaders headers = response.headers();
    headers.set(HttpHeaderNames.CONTENT_TYPE, type);
    headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    if (coding != Coding.IDENTITY) {
      headers.set(HttpHeaderNames.CONTENT_ENCODING, coding.token());
    }
    if (status == 503) {
      headers.set(HttpHeaderNames.RETRY_AFTER, "5");
    }
    response.send(status, coding.encode(body));
  }
}
