package dev.parley.wire.socketio;

import dev.parley.socketio.Handshake;
import dev.parley.wire.socketio.codec.PayloadJson.Shape;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import dev.parley.wire.socketio.engine.Session;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a client said when it connected to a namespace; read when asked for. Immutable. */
final class ConnectHandshake implements Handshake {
  private final Values values;
  private final Session session;
  private final Slice auth;
  private final long timeMillis = System.currentTimeMillis();

  ConnectHandshake(Values values, Session session, SocketPacket.Connect connect) {
    this.values = values;
    this.session = session;
    this.auth = connect.query().isEmpty() ? connect.data() : fromQuery(values, connect.query());
  }

  /** Clients of revision 3 say in a query what later ones say in a payload. */
  private static Slice fromQuery(Values values, String query) {
    Map<String, String> first = new LinkedHashMap<>();
    new QueryStringDecoder(query, StandardCharsets.UTF_8, false)
        .parameters()
        .forEach((name, all) -> first.put(name, all.getFirst()));
    return values.bytes(values.tree(first));
  }

  @Override
  @SuppressWarnings("unchecked")
  public Map<String, @Nullable Object> auth() {
    return Collections.unmodifiableMap(auth(Map.class));
  }

  @Override
  public <T> T auth(Class<T> type) {
    Slice json = auth.isEmpty() ? Slice.utf8("{}") : auth;
    return Objects.requireNonNull(
        values.value("auth", values.json().tree("auth", json, Shape.OBJECT), type));
  }

  @Override
  public Map<String, String> query() {
    Map<String, String> query = new LinkedHashMap<>();
    session.handshake().query().forEach((name, all) -> query.put(name, all.getFirst()));
    return Collections.unmodifiableMap(query);
  }

  @Override
  public @Nullable String header(String name) {
    return session.handshake().header(name.toLowerCase(java.util.Locale.ROOT));
  }

  @Override
  public InetSocketAddress address() {
    return session.handshake().remote();
  }

  @Override
  public Instant time() {
    return Instant.ofEpochMilli(timeMillis);
  }

  @Override
  public boolean secure() {
    return session.handshake().secure();
  }
}
