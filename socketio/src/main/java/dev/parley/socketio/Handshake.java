package dev.parley.socketio;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a client said when it connected. Immutable. */
public interface Handshake {
  /** What it gave as {@code auth}, as maps, lists, strings, numbers, booleans and nulls. */
  Map<String, @Nullable Object> auth();

  /** What it gave as {@code auth}, as a {@code T}. */
  <T> T auth(Class<T> type);

  /** Query parameters of the connection's first request; the first value of each. */
  Map<String, String> query();

  /** A header of the connection's first request, or {@code null}. */
  @Nullable String header(String name);

  InetSocketAddress address();

  /** When the client connected to the namespace. */
  Instant time();

  /** Whether its first request came over TLS. */
  boolean secure();
}
