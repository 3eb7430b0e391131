package dev.parley.examples;

import dev.parley.examples.ChatLog.Line;
import dev.parley.server.ParleyServer;
import dev.parley.socketio.Ack;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import dev.parley.socketio.SocketIo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A chat with rooms, for the page in {@code chat/}. Safe on any thread: handlers run on virtual
 * threads, those of one socket in order, so they may wait for the disk.
 *
 * <p>A room is a stream: who joins reads its past from there, and what is said is acknowledged when
 * the stream has it. What a client misses for a while needs no code here, the server recovers it.
 */
final class ChatServer {
  private static final Pattern ROOM = Pattern.compile("[a-z0-9][a-z0-9-]{0,23}");
  private static final String ROOMS = "room:"; // who comes, goes and types: nothing to keep
  private static final String SAID = "said:"; // of the same room, what its stream keeps
  private static final int MOST_NAME = 24;
  private static final int MOST_TEXT = 2000;

  private final ChatLog log = new ChatLog();
  private final Absences absences = new Absences();

  /** What a client says of itself when it connects. */
  record Hello(@Nullable String name) {}

  /**
   * Something said.
   *
   * @param from made up by the page that says it, once
   * @param n counts what that page has said in this room, from 0: so the same is not said twice
   */
  record Say(String room, String text, String from, long n) {}

  private ChatServer() {}

  static ParleyServer start(int port, Path data) {
    ChatServer chat = new ChatServer();
    try {
      ParleyServer server =
          ParleyServer.builder()
              .port(port)
              .data(data)
              .set("socketio.rooms[0].namespace", "/chat")
              .set("socketio.rooms[0].room", SAID + "*")
              .set("socketio.rooms[0].stream", ChatLog.STREAMS + "*")
              .socketIo(chat::setUp)
              .pages("/chat", ChatServer.class, "chat")
              .start();
      chat.log.open(server.hub());
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void setUp(SocketIo io) {
    io.of("/chat").use(ChatServer::welcome).onConnection(this::onConnection);
  }

  private static void welcome(Socket socket) throws ConnectRefusedException {
    String name = socket.handshake().auth(Hello.class).name();
    if (name == null || name.isBlank() || name.length() > MOST_NAME) {
      throw new ConnectRefusedException(
          "name: "
              + (name == null ? "none" : name.length() + " characters")
              + " (expected: 1 to "
              + MOST_NAME
              + ")");
    }
    socket.data().put("name", name.strip());
  }

  private void onConnection(Socket socket) {
    absences.end(socket.id());
    socket
        .on("join", String.class, (room, ack) -> join(socket, room, ack))
        .on(
            "leave",
            String.class,
            (room, ack) -> {
              leave(socket, room);
              ack.send();
            })
        .on("say", Say.class, (say, ack) -> say(socket, say, ack))
        .on("who", String.class, (room, ack) -> ack.send(present(socket.namespace(), room)))
        .on(
            "typing",
            String.class,
            room -> {
              if (socket.rooms().contains(ROOMS + room)) {
                socket.to(ROOMS + room).asVolatile().emit("typing", room, name(socket));
              }
            })
        .onDisconnecting(reason -> away(socket));
  }

  private void join(Socket socket, String room, Ack ack) {
    if (!ROOM.matcher(room).matches()) {
      ack.send(Map.of("error", "room: " + room + " (expected: lower-case letters, digits, -)"));
      return;
    }
    socket.join(ROOMS + room, SAID + room);
    socket.to(ROOMS + room).asVolatile().emit("joined", room, name(socket));
    // Joined first, read second: nothing falls between. What comes by both ways has one key.
    List<Line> past = log.latest(room);
    ack.send(Map.of("past", past, "present", present(socket.namespace(), room)));
  }

  private void leave(Socket socket, String room) {
    if (socket.rooms().contains(ROOMS + room)) {
      socket.leave(ROOMS + room, SAID + room);
      left(socket.namespace(), room, name(socket));
    }
  }

  private void say(Socket socket, Say say, Ack ack) {
    String text = say.text().strip();
    if (!ROOM.matcher(say.room()).matches() || text.isEmpty() || text.length() > MOST_TEXT) {
      ack.send(Map.of("error", "text: " + text.length() + " (expected: 1 to " + MOST_TEXT + ")"));
      return;
    }
    // The stream's commit sends it to the room.
    String refused = log.add(say.room(), say.from(), say.n(), name(socket), text);
    ack.send(refused == null ? Map.of() : Map.of("error", refused));
  }

  /** The connection is lost; whoever is back soon, as after a tunnel, was never away. */
  private void away(Socket socket) {
    Namespace chat = socket.namespace();
    String name = name(socket);
    List<String> rooms = rooms(socket);
    absences.begin(socket.id(), name, rooms, () -> rooms.forEach(room -> left(chat, room, name)));
  }

  private void left(Namespace chat, String room, String name) {
    if (!present(chat, room).contains(name)) {
      chat.to(ROOMS + room).asVolatile().emit("left", room, name);
    }
  }

  /** The names in a room; somebody may be there with two tabs, or just be away for a moment. */
  private Set<String> present(Namespace chat, String room) {
    Set<String> names = new TreeSet<>(absences.namesIn(room));
    for (Socket socket : chat.sockets()) {
      if (socket.rooms().contains(ROOMS + room)) {
        names.add(name(socket));
      }
    }
    return names;
  }

  private static List<String> rooms(Socket socket) {
    return socket.rooms().stream()
        .filter(room -> room.startsWith(ROOMS))
        .map(room -> room.substring(ROOMS.length()))
        .toList();
  }

  private static String name(Socket socket) {
    return String.valueOf(socket.data().get("name"));
  }
}
