package dev.parley.wire.socketio.engine;

import dev.parley.transport.Request;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The request that opened a session. Immutable. Every session keeps one, so it is taken apart only
 * when asked.
 */
public final class Handshaken {
  private static final int MAX_HEADER_BYTES = 8 << 10; // what does not fit is left out
  private static final Set<String> LEFT_OUT =
      Set.of(
          "connection",
          "upgrade",
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-extensions");

  private final String target;
  private final String headers; // name:value, one a line
  private final InetSocketAddress remote;
  private final boolean secure;
  private final long timeMillis;

  private Handshaken(
      String target, String headers, InetSocketAddress remote, boolean secure, long timeMillis) {
    this.target = target;
    this.headers = headers;
    this.remote = remote;
    this.secure = secure;
    this.timeMillis = timeMillis;
  }

  static Handshaken of(Request request) {
    StringBuilder headers = new StringBuilder(256);
    Iterator<Map.Entry<CharSequence, CharSequence>> all = request.headers().iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      String name = header.getKey().toString().toLowerCase(Locale.ROOT);
      int size = name.length() + header.getValue().length() + 2;
      if (!LEFT_OUT.contains(name) && headers.length() + size <= MAX_HEADER_BYTES) {
        headers.append(name).append(':').append(header.getValue()).append('\n');
      }
    }
    return new Handshaken(
        request.target(),
        headers.toString(),
        request.remote(),
        request.scheme().equals("https"),
        System.currentTimeMillis());
  }

  /** As sent, query included. */
  public String target() {
    return target;
  }

  /** The first value of a query parameter, decoded. */
  public @Nullable String query(String name) {
    List<String> values = query().get(name);
    return values == null ? null : values.getFirst();
  }

  /** All query parameters in order, decoded. */
  public Map<String, List<String>> query() {
    return new QueryStringDecoder(target).parameters();
  }

  /** The value of a header, of repeated ones as in {@link #headers()}; the name in lower case. */
  public @Nullable String header(String name) {
    return headers().get(name);
  }

  /**
   * Names in lower case; repeated ones are joined by a comma. Those of the WebSocket handshake are
   * left out, and what goes beyond 8 KB.
   */
  public Map<String, String> headers() {
    Map<String, String> all = new LinkedHashMap<>();
    int start = 0;
    while (start < headers.length()) {
      int colon = headers.indexOf(':', start);
      int end = headers.indexOf('\n', colon);
      all.merge(
          headers.substring(start, colon),
          headers.substring(colon + 1, end),
          (first, next) -> first + ", " + next);
      start = end + 1;
    }
    return all;
  }

  public InetSocketAddress remote() {
    return remote;
  }

  /** Whether it came over TLS. */
  public boolean secure() {
    return secure;
  }

  /** Milliseconds since 1970. */
  public long timeMillis() {
    return timeMillis;
  }
}
