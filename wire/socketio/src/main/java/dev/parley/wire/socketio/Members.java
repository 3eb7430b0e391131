package dev.parley.wire.socketio;

import dev.parley.wire.socketio.Room.Membership;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is in a namespace, and in which of its rooms. Guarded by the lock of the namespace. */
final class Members {
  /** Hears what changes, under the lock. */
  interface Watcher {
    /** A room has its first socket. */
    void onCreate(String room);

    void onJoin(String room, ClientSocket socket);

    /**
     * One is no longer in a room.
     *
     * @param forGood whether it is known not to come back at once
     */
    void onLeave(String room, ClientSocket socket, boolean forGood);

    /** A room has lost its last socket. */
    void onDelete(String room);
  }

  private final Watcher watcher;
  private final Map<String, ClientSocket> sockets = new HashMap<>();
  private final Map<String, Room> rooms = new HashMap<>();
  private final Room all = new Room(Backlog.EVERYONE);

  Members(Watcher watcher) {
    this.watcher = watcher;
  }

  /** Lets a socket in, and into the rooms it has joined already. */
  void enter(ClientSocket socket, long head) {
    sockets.put(socket.id(), socket);
    socket.memberships = List.of(all.join(socket, socket.lane, socket.state().start()));
    for (String room : socket.rooms()) { // joined by middleware, or before it was away
      join(socket, room, socket.state().since(room, head));
    }
  }

  void exit(ClientSocket socket, boolean forGood) {
    sockets.remove(socket.id(), socket);
    for (Membership membership : socket.memberships) {
      leave(membership, forGood);
    }
    socket.memberships = List.of();
  }

  /**
   * Does nothing for one who is there already.
   *
   * @param since what was kept up to this position is not its own
   */
  void join(ClientSocket socket, String name, long since) {
    if (find(socket, name) != null) {
      return;
    }
    Room room = rooms.get(name);
    if (room == null) {
      room = new Room(name);
      rooms.put(name, room);
      watcher.onCreate(name);
    }
    List<Membership> more = new ArrayList<>(socket.memberships);
    more.add(room.join(socket, socket.lane, since));
    socket.memberships = List.copyOf(more);
    watcher.onJoin(name, socket);
  }

  void leave(ClientSocket socket, String name) {
    Membership membership = find(socket, name);
    if (membership != null) {
      List<Membership> rest = new ArrayList<>(socket.memberships);
      rest.remove(membership);
      socket.memberships = List.copyOf(rest);
      leave(membership, true);
    }
  }

  private void leave(Membership membership, boolean forGood) {
    Room room = membership.room;
    room.leave(membership, membership.socket.lane);
    if (room == all) {
      return;
    }
    watcher.onLeave(room.name, membership.socket, forGood);
    if (room.isEmpty()) {
      rooms.remove(room.name);
      watcher.onDelete(room.name);
    }
  }

  void move(ClientSocket socket, Lane to) {
    for (Membership membership : socket.memberships) {
      membership.room.move(membership, socket.lane, to);
    }
    socket.lane = to;
  }

  static @Nullable Membership find(ClientSocket socket, String room) {
    for (Membership membership : socket.memberships) {
      if (membership.room.name.equals(room)) {
        return membership;
      }
    }
    return null;
  }

  @Nullable ClientSocket get(String id) {
    return sockets.get(id);
  }

  List<ClientSocket> sockets() {
    return List.copyOf(sockets.values());
  }

  int count() {
    return sockets.size();
  }

  Map<String, Integer> roomSizes() {
    Map<String, Integer> sizes = HashMap.newHashMap(rooms.size());
    rooms.forEach((name, room) -> sizes.put(name, room.size()));
    return sizes;
  }

  boolean hasRoom(String name) {
    return rooms.containsKey(name);
  }

  /** Where all are who are in any of these rooms; none for all. */
  @Nullable Room chosen(Set<String> names) {
    if (names.isEmpty() || names.contains(Backlog.EVERYONE)) {
      return all;
    }
    if (names.size() == 1) {
      String name = names.iterator().next();
      Room room = rooms.get(name);
      if (room != null && !sockets.containsKey(name)) { // else others are in a room of its name
        return room;
      }
    }
    Room union = new Room(Backlog.EVERYONE);
    for (ClientSocket socket : in(names)) {
      union.join(socket, socket.lane, 0);
    }
    return union.isEmpty() ? null : union;
  }

  /** Who is in any of these rooms, or is one of them. */
  Set<ClientSocket> in(Set<String> names) {
    if (names.isEmpty()) {
      return Set.of();
    }
    if (names.contains(Backlog.EVERYONE)) {
      return new LinkedHashSet<>(sockets.values());
    }
    Set<ClientSocket> found = new LinkedHashSet<>();
    for (String name : names) {
      ClientSocket alone = sockets.get(name);
      if (alone != null) {
        found.add(alone);
      }
      Room room = rooms.get(name);
      if (room != null) {
        for (Room.Crowd crowd : room.crowds()) {
          for (int i = 0; i < crowd.size(); i++) {
            found.add(crowd.socket(i));
          }
        }
      }
    }
    return found;
  }
}
