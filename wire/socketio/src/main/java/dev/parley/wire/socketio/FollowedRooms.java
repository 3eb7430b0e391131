package dev.parley.wire.socketio;

import dev.parley.stream.StreamPath;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The rooms of one namespace that are streams, and what is known of each. One is followed while
 * somebody is in it, and where recovery is on for as long as somebody may come back. Guarded by the
 * lock of the namespace.
 */
final class FollowedRooms {
  private static final long OCCUPIED = -1;

  /** One of them. */
  private static final class Followed {
    final StreamPath path;
    final long from; // position after which all of it is known

    // The last message that was handed out; 0 before the first.
    long offset;
    long position;

    long desertedMillis = OCCUPIED; // since when nobody is there
    @Nullable CompletableFuture<Boolean> earlier; // reads the time before

    Followed(StreamPath path, long from) {
      this.path = path;
      this.from = from;
    }
  }

  private final LocalNamespace namespace;
  private final StreamRooms streams;
  private final @Nullable Journal journal; // null when recovery is off
  private final Map<String, Followed> rooms = new HashMap<>();

  FollowedRooms(LocalNamespace namespace, StreamRooms streams, @Nullable Journal journal) {
    this.namespace = namespace;
    this.streams = streams;
    this.journal = journal;
  }

  /** A room has its first socket. */
  void onCreate(String room) {
    StreamPath path = streams.streamOf(namespace.name(), room);
    if (path != null) {
      follow(room, path).desertedMillis = OCCUPIED;
    }
  }

  private Followed follow(String room, StreamPath path) {
    Followed known = rooms.get(room);
    if (known == null) {
      streams.follow(namespace, room, path);
      known = new Followed(path, journal == null ? 0 : journal.now());
      rooms.put(room, known);
    }
    return known;
  }

  /** A room has lost its last socket. */
  void onDelete(String room) {
    Followed left = rooms.get(room);
    if (left == null) {
      return;
    }
    if (journal == null) {
      rooms.remove(room);
      streams.unfollow(namespace, room, left.path);
    } else {
      left.desertedMillis = System.currentTimeMillis(); // some may come back to it
    }
  }

  /** Forgets rooms that nobody has been in since. */
  void expire(long beforeMillis) {
    rooms
        .entrySet()
        .removeIf(each -> {
          Followed followed = each.getValue();
          boolean over =
              followed.desertedMillis != OCCUPIED && followed.desertedMillis < beforeMillis;
          if (over) {
            streams.unfollow(namespace, each.getKey(), followed.path);
          }
          return over;
        });
  }

  /** Forgets all. */
  void close() {
    rooms.forEach((room, followed) -> streams.unfollow(namespace, room, followed.path));
    rooms.clear();
  }

  /** A message has been handed out. */
  void onMessage(String room, long offset, long position) {
    Followed followed = rooms.get(room);
    if (followed != null) {
      followed.offset = offset;
      followed.position = position;
    }
  }

  /** Another stream of the same name begins at the first offset. */
  void onStreamDeleted(String room) {
    onMessage(room, 0, 0);
  }

  /** The last offset that was handed out; 0 for none. */
  long offset(String room) {
    Followed followed = rooms.get(room);
    return followed == null ? 0 : followed.offset;
  }

  /** Its position. */
  long position(String room) {
    Followed followed = rooms.get(room);
    return followed == null ? 0 : followed.position;
  }

  /** The position after which all of a room is known by following it. */
  long from(String room) {
    Followed followed = rooms.get(room);
    return followed == null ? 0 : followed.from;
  }

  /**
   * Sees to it that what came to those of the rooms that are streams is known, also from before
   * they were followed here.
   *
   * @param wanted rooms, each with the position from which on it counts
   * @param seen position up to which nothing counts
   * @param reader reads what came to a room earlier; false when that is not known
   */
  CompletableFuture<Boolean> know(
      Map<String, Long> wanted, long seen, BiPredicate<String, StreamPath> reader) {
    CompletableFuture<Boolean> all = CompletableFuture.completedFuture(true);
    for (Map.Entry<String, Long> each : wanted.entrySet()) {
      String room = each.getKey();
      StreamPath path = streams.streamOf(namespace.name(), room);
      if (path == null) {
        continue;
      }
      boolean isNew = !rooms.containsKey(room);
      Followed followed = follow(room, path);
      if (isNew) {
        followed.desertedMillis = System.currentTimeMillis();
      }
      if (Math.max(seen, each.getValue()) < followed.from) {
        CompletableFuture<Boolean> known = followed.earlier;
        if (known == null) {
          known =
              CompletableFuture.supplyAsync(
                  () -> reader.test(room, path), Thread::startVirtualThread);
          followed.earlier = known;
        }
        all = all.thenCombine(known, (a, b) -> a && b);
      }
    }
    return all;
  }
}
