package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request with its whole body. Confined to the connection's event loop; the body is released
 * after {@code handle}.
 */
public interface Request {
  /** As sent, upper case. */
  String method();

  /**
   * Percent-decoded once, strictly UTF-8, query cut off; dot segments and encoded slashes are
   * refused before this.
   */
  String path();

  /** The request target as sent. */
  String target();

  /** The first value of a query parameter, decoded; {@code null} when absent. */
  @Nullable String query(String name);

  /** All values of a query parameter in order. */
  List<String> queryAll(String name);

  HttpHeaders headers();

  /** The first value of a header, or {@code null}. */
  @Nullable String header(String name);

  /** Valid during {@link Handler#handle}; retain or copy to keep it. Empty when there is none. */
  ByteBuf body();

  /** {@code http} or {@code https}. */
  String scheme();

  /**
   * Host and port the client asked for ({@code Host} or {@code :authority}); empty when missing.
   */
  String authority();

  InetSocketAddress remote();

  /** Whether the client asks for a WebSocket; whether it asks well is known when it is accepted. */
  boolean isWebSocketUpgrade();
}
