package dev.parley.wire.socketio.admin;

import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.engine.Handshaken;
import dev.parley.wire.socketio.engine.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sockets and the requests they came with, in the form the admin UI reads. Stateless. */
final class Described {
  private static final int CLIENT_ID =
      12; // characters of a session's id: not enough to take it over
  private static final String HIDDEN = "(hidden)";

  /** What lets its bearer in somewhere is nobody else's business, an administrator's included. */
  private static final Set<String> SECRET =
      Set.of("authorization", "proxy-authorization", "cookie", "token", "access_token", "sid");

  private Described() {}

  static Map<String, Object> socket(Socket socket) {
    Session session = SocketIoServer.session(socket);
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("id", socket.id());
    described.put("clientId", clientId(session));
    described.put("transport", session.transport());
    described.put("nsp", socket.namespace().name());
    described.put("data", Map.copyOf(SocketIoServer.data(socket)));
    described.put("handshake", handshake(socket, session.handshake()));
    List<String> rooms = new ArrayList<>();
    rooms.add(socket.id());
    rooms.addAll(socket.rooms());
    described.put("rooms", rooms);
    return described;
  }

  static String clientId(Session session) {
    return session.id().substring(0, Math.min(CLIENT_ID, session.id().length()));
  }

  private static Map<String, Object> handshake(Socket socket, Handshaken request) {
    Map<String, String> headers = request.headers();
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("address", address(socket));
    described.put("headers", withoutSecrets(headers));
    described.put("query", withoutSecrets(socket.handshake().query()));
    described.put("issued", request.timeMillis());
    described.put("secure", request.secure());
    described.put("time", socket.handshake().time().toString());
    String target = request.target();
    int query = target.indexOf('?');
    described.put("url", query < 0 ? target : target.substring(0, query));
    described.put("xdomain", headers.containsKey("origin"));
    return described;
  }

  /** As {@code 127.0.0.1} or {@code ::1}. */
  static String address(Socket socket) {
    var address = socket.handshake().address().getAddress();
    return address == null
        ? socket.handshake().address().getHostString()
        : address.getHostAddress();
  }

  private static Map<String, String> withoutSecrets(Map<String, String> values) {
    Map<String, String> shown = new LinkedHashMap<>();
    values.forEach((name, value) -> shown.put(name, SECRET.contains(name) ? HIDDEN : value));
    return shown;
  }
}
