package dev.parley.wire.socketio;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one socket so that it can come back, and from which positions on its rooms are
 * its own. Guarded by the lock of its namespace.
 */
final class RecoveryState {
  private final ClientSocket socket;
  private final @Nullable SavedSession saved; // of one that goes on
  private @Nullable Map<String, Long> lastRooms; // of one that was disconnected
  private long start;
  private long last; // position of what it was sent last, as saved
  private long seen; // position up to which all was handed to it, as saved

  /** One that begins. */
  RecoveryState(ClientSocket socket) {
    this.socket = socket;
    this.saved = null;
  }

  /** One that goes on. */
  RecoveryState(ClientSocket socket, SavedSession saved) {
    this.socket = socket;
    this.saved = saved;
    this.start = saved.start();
    this.last = saved.last();
    this.seen = saved.seen();
  }

  /**
   * Whether what is kept of one that comes in still holds: the server went before it did, and
   * middleware has changed nothing.
   */
  boolean isKept() {
    return saved != null
        && saved.goneMillis() == 0
        && saved.rooms().equals(joined())
        && saved.data().equals(socket.data());
  }

  /** It begins at this position. */
  void startAt(long position) {
    start = position;
    seen = position;
  }

  /** The position it began at, in its first connection. */
  long start() {
    return start;
  }

  /** From where on a room that it joins as it comes in is its own. */
  long since(String room, long head) {
    return saved == null ? head : saved.rooms().getOrDefault(room, head);
  }

  /** Its rooms are known after it has left them, for what it was sent before. */
  void leave() {
    lastRooms = socket.pid() == null ? null : all();
  }

  /**
   * Its rooms, each with the position from which on it is there; the room of all and its own among
   * them.
   */
  Map<String, Long> all() {
    if (lastRooms != null) {
      return lastRooms;
    }
    Map<String, Long> since = joined();
    since.put(socket.id(), start);
    for (Room.Membership membership : socket.memberships) {
      if (membership.room.name.equals(Backlog.EVERYONE)) {
        since.put(Backlog.EVERYONE, membership.since);
      }
    }
    return since;
  }

  private Map<String, Long> joined() {
    Map<String, Long> since = new HashMap<>();
    for (Room.Membership membership : socket.memberships) {
      if (!membership.room.name.equals(Backlog.EVERYONE)) {
        since.put(membership.room.name, membership.since);
      }
    }
    return since;
  }

  /** Whether there is news to save. */
  boolean note(long allUpTo, long lastSent) {
    boolean news = allUpTo != seen;
    seen = Math.max(seen, allUpTo);
    last = Math.max(last, lastSent);
    return news;
  }

  /**
   * What is kept of it.
   *
   * @param goneMillis when it went; 0 while it is there
   */
  SavedSession saved(long goneMillis) {
    return new SavedSession(
        socket.id(),
        socket.namespace().name(),
        socket.caller().subject(),
        joined(),
        Map.copyOf(socket.data()),
        start,
        last,
        seen,
        goneMillis);
  }
}
