package dev.parley.wire.socketio.admin;

import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.SocketIoServer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected and where, page by page. Safe on any thread; a page takes one look at all, so
 * not on an event loop.
 */
public final class Census {
  private static final Comparator<NamespaceCount> MOST_SOCKETS =
      Comparator.comparingInt(NamespaceCount::sockets)
          .reversed()
          .thenComparing(NamespaceCount::name);
  private static final Comparator<RoomCount> LARGEST =
      Comparator.comparingInt(RoomCount::sockets).reversed().thenComparing(RoomCount::name);
  private static final Comparator<Place> NEWEST =
      Comparator.comparingLong(Place::sinceMillis).reversed().thenComparing(Place::id);

  private final SocketIoServer io;

  public Census(SocketIoServer io) {
    this.io = io;
  }

  public record NamespaceCount(String name, int sockets, int rooms) {}

  public record RoomCount(String name, int sockets) {}

  /**
   * One client in one namespace.
   *
   * @param clientId what all sockets of its connection have in common
   * @param user who it is by its token, or by {@code user} of its data, or {@code null}
   * @param sinceMillis when it connected, in milliseconds since the Unix epoch
   */
  public record SocketFacts(
      String id,
      String clientId,
      @Nullable String user,
      String transport,
      String address,
      long sinceMillis,
      Collection<String> rooms) {}

  /**
   * Part of a list.
   *
   * @param total how many there are in all
   * @param next what to ask the rest with, or {@code null} when there is none
   */
  public record Page<T>(List<T> items, int total, @Nullable String next) {}

  /** Where a socket is in the list of all, or where a page begins. */
  private record Place(long sinceMillis, String id, @Nullable Socket socket) {
    static Place of(Socket socket) {
      return new Place(socket.handshake().time().toEpochMilli(), socket.id(), socket);
    }

    Socket known() {
      return Objects.requireNonNull(socket);
    }
  }

  /** Those with the most sockets first. */
  public Page<NamespaceCount> namespaces(String containing, int limit) {
    List<NamespaceCount> all =
        io.namespaces().stream()
            .filter(namespace -> namespace.name().contains(containing))
            .map(namespace ->
                new NamespaceCount(
                    namespace.name(),
                    SocketIoServer.count(namespace),
                    SocketIoServer.rooms(namespace).size()))
            .toList();
    List<NamespaceCount> first = first(all.stream(), MOST_SOCKETS, limit);
    return new Page<>(first, all.size(), null);
  }

  /**
   * Rooms of a namespace, the largest first.
   *
   * @param after {@link Page#next} of the page before, or empty
   */
  public Page<RoomCount> rooms(String name, String containing, String after, int limit) {
    Namespace namespace = find(name);
    if (namespace == null) {
      return new Page<>(List.of(), 0, null);
    }
    List<RoomCount> all = new ArrayList<>();
    for (Map.Entry<String, Integer> room : SocketIoServer.rooms(namespace).entrySet()) {
      if (room.getKey().contains(containing)) {
        all.add(new RoomCount(room.getKey(), room.getValue()));
      }
    }
    RoomCount from = after.isEmpty() ? null : new RoomCount(tail(after), (int) head(after));
    return page(all, LARGEST, from, limit, room -> room.sockets() + "_" + room.name());
  }

  /**
   * Sockets of a namespace, the newest first.
   *
   * @param room only those in it, or {@code null}
   * @param containing only those whose id, user or address contain this
   * @param after {@link Page#next} of the page before, or empty
   */
  public Page<SocketFacts> sockets(
      String name, @Nullable String room, String containing, String after, int limit) {
    Namespace namespace = find(name);
    if (namespace == null) {
      return new Page<>(List.of(), 0, null);
    }
    Predicate<Socket> wanted = socket -> room == null || socket.rooms().contains(room);
    if (!containing.isEmpty()) {
      wanted = wanted.and(socket -> matches(socket, containing));
    }
    List<Place> all = namespace.sockets().stream().filter(wanted).map(Place::of).toList();
    Place from = after.isEmpty() ? null : new Place(head(after), tail(after), null);
    Page<Place> places =
        page(all, NEWEST, from, limit, place -> place.sinceMillis() + "_" + place.id());
    return new Page<>(
        places.items().stream().map(place -> facts(place.known())).toList(),
        places.total(),
        places.next());
  }

  /** Ends one socket; false when there is none. */
  public boolean disconnect(String name, String id, boolean close) {
    Namespace namespace = find(name);
    if (namespace == null) {
      return false;
    }
    for (Socket socket : namespace.sockets()) {
      if (socket.id().equals(id)) {
        socket.disconnect(close);
        return true;
      }
    }
    return false;
  }

  private @Nullable Namespace find(String name) {
    for (Namespace namespace : io.namespaces()) {
      if (namespace.name().equals(name)) {
        return namespace;
      }
    }
    return null;
  }

  /** The newest sockets of all namespaces, at most so many. */
  static List<Socket> newest(SocketIoServer io, int most) {
    return first(
            io.namespaces().stream()
                .flatMap(namespace -> namespace.sockets().stream())
                .map(Place::of),
            NEWEST,
            most)
        .stream()
        .map(Place::known)
        .toList();
  }

  private static SocketFacts facts(Socket socket) {
    var session = SocketIoServer.session(socket);
    return new SocketFacts(
        socket.id(),
        Described.clientId(session),
        user(socket),
        session.transport(),
        Described.address(socket),
        socket.handshake().time().toEpochMilli(),
        socket.rooms());
  }

  private static @Nullable String user(Socket socket) {
    String subject = SocketIoServer.subject(socket);
    if (!subject.isEmpty()) {
      return subject;
    }
    return switch (SocketIoServer.data(socket).get("user")) {
      case String name -> name;
      case Map<?, ?> user when user.get("name") instanceof String name -> name;
      case Map<?, ?> user when user.get("id") != null -> String.valueOf(user.get("id"));
      case null, default -> null;
    };
  }

  private static boolean matches(Socket socket, String containing) {
    String user = user(socket);
    return socket.id().contains(containing)
        || (user != null && user.contains(containing))
        || Described.address(socket).contains(containing);
  }

  interface Cursor<T> {
    String of(T item);
  }

  static <T> Page<T> page(
      List<T> all, Comparator<T> order, @Nullable T from, int limit, Cursor<T> cursor) {
    Stream<T> rest =
        from == null ? all.stream() : all.stream().filter(item -> order.compare(item, from) > 0);
    List<T> found = first(rest, order, limit + 1);
    boolean more = found.size() > limit;
    List<T> items = more ? found.subList(0, limit) : found;
    return new Page<>(items, all.size(), more ? cursor.of(items.getLast()) : null);
  }

  /** The first in order, without sorting all. */
  private static <T> List<T> first(Stream<T> all, Comparator<T> order, int limit) {
    PriorityQueue<T> found = new PriorityQueue<>(order.reversed());
    all.forEach(item -> {
      if (found.size() < limit) {
        found.add(item);
      } else if (limit > 0 && order.compare(item, found.element()) < 0) {
        found.remove();
        found.add(item);
      }
    });
    List<T> sorted = new ArrayList<>(found);
    sorted.sort(order);
    return sorted;
  }

  private static long head(String cursor) {
    int end = cursor.indexOf('_');
    try {
      return Long.parseLong(cursor.substring(0, Math.max(end, 0)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "after: " + cursor + " (expected: what the page before gave)", e);
    }
  }

  private static String tail(String cursor) {
    return cursor.substring(cursor.indexOf('_') + 1);
  }
}
