package dev.parley.wire.socketio;

import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Who is in the rooms that somebody watches, in one namespace. One who lost the connection counts
 * as present until the grace is over, so a short disconnect is no leave. Guarded by the lock of its
 * namespace, under which every method runs.
 */
final class Presence {
  static final String JOINED = "parley:joined";
  static final String LEFT = "parley:left";

  static final String WATCHERS = "parley:presence:";

  private final LocalNamespace namespace;
  private final Map<String, Watched> watched = new HashMap<>(); // by room

  /** A room somebody has asked about. */
  private static final class Watched {
    final Map<String, Member> members = new LinkedHashMap<>(); // by socket
  }

  /** Someone in it; {@code generation} changes with each coming and going. */
  private static final class Member {
    final Map<String, Object> known;
    boolean away;
    int generation;

    Member(Map<String, Object> known) {
      this.known = known;
    }
  }

  Presence(LocalNamespace namespace) {
    this.namespace = namespace;
  }

  /** Any thread: who is in a room, and whether the socket hears of changes from now on. */
  CompletableFuture<List<Map<String, Object>>> ask(
      ClientSocket socket, String room, boolean watch) {
    CompletableFuture<List<Map<String, Object>>> answer = new CompletableFuture<>();
    if (watch) {
      socket.joinAny(WATCHERS + room);
    } else {
      socket.leave(WATCHERS + room);
    }
    namespace.inOrder(() -> {
      Watched asked = watched.get(room);
      if (asked == null) {
        asked = present(room);
        if (watch && !socket.hasLeft()) {
          watched.put(room, asked);
        }
      }
      List<Map<String, Object>> present = new ArrayList<>();
      asked.members.values().forEach(member -> present.add(member.known));
      answer.complete(present);
    });
    return answer;
  }

  private Watched present(String room) {
    Watched now = new Watched();
    for (ClientSocket present : namespace.in(Set.of(room))) {
      now.members.put(present.id(), new Member(describe(present)));
    }
    return now;
  }

  private static Map<String, Object> describe(ClientSocket socket) {
    Map<String, Object> known = new LinkedHashMap<>();
    known.put("id", socket.id());
    String subject = socket.caller().subject();
    if (subject != null && !subject.isEmpty()) {
      known.put("user", subject);
    }
    Object data = socket.data().get("presence");
    if (data != null) {
      known.put("data", data);
    }
    return known;
  }

  void onJoin(String room, ClientSocket socket) {
    if (room.startsWith(WATCHERS)) { // maybe one who comes back
      watched.computeIfAbsent(room.substring(WATCHERS.length()), this::present);
      return;
    }
    Watched asked = watched.get(room);
    if (asked == null) {
      return;
    }
    Member known = asked.members.get(socket.id());
    if (known == null) {
      Member member = new Member(describe(socket));
      asked.members.put(socket.id(), member);
      tell(JOINED, room, member);
    } else {
      known.away = false;
      known.generation++;
    }
  }

  /**
   * One has left.
   *
   * @param forGood whether it is known not to come back at once
   */
  void onLeave(String room, ClientSocket socket, boolean forGood) {
    if (room.startsWith(WATCHERS)) {
      if (forGood) {
        forgetUnwatched(room);
      } else { // who comes back hears what has changed
        var _ =
            namespace.after(
                namespace.config().recovery().window(),
                () -> namespace.inOrder(() -> forgetUnwatched(room)));
      }
      return;
    }
    Watched asked = watched.get(room);
    Member member = asked == null ? null : asked.members.get(socket.id());
    if (asked == null || member == null) {
      return;
    }
    if (forGood) {
      asked.members.remove(socket.id());
      tell(LEFT, room, member);
      return;
    }
    member.away = true;
    int generation = ++member.generation;
    var _ =
        namespace.after(
            namespace.config().presenceGrace(),
            () -> namespace.inOrder(() -> graceOver(room, socket.id(), member, generation)));
  }

  private void graceOver(String room, String id, Member member, int generation) {
    Watched asked = watched.get(room);
    if (asked != null && member.away && member.generation == generation) {
      asked.members.remove(id, member);
      tell(LEFT, room, member);
    }
  }

  private void forgetUnwatched(String watchers) {
    if (namespace.in(Set.of(watchers)).isEmpty()) {
      watched.remove(watchers.substring(WATCHERS.length()));
    }
  }

  private void tell(String event, String room, Member member) {
    @Nullable String stream =
        room.startsWith(StreamRooms.BY_PATH) ? room.substring(StreamRooms.BY_PATH.length()) : null;
    Map<String, Object> about = new LinkedHashMap<>(member.known);
    about.put(stream == null ? "room" : "stream", stream == null ? room : stream);
    namespace
        .dispatch()
        .cast(
            Selection.all(namespace).to(WATCHERS + room),
            new SocketPacket.Event(
                namespace.name(),
                event,
                SocketPacket.NO_ACK,
                namespace.values().event(event, about)));
  }
}
