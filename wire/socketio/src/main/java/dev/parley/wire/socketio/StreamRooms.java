package dev.parley.wire.socketio;

import dev.parley.hub.Hub;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.Commit;
import dev.parley.stream.ContentTypes;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Rooms that are streams. What is sent to one is appended to its stream and reaches the room, and
 * every other follower of the stream, when it is committed. Safe on any thread.
 *
 * <p>A message of the stream is the one argument of an event, or the array of several; the event's
 * name stands in a header unless it is the usual one.
 */
final class StreamRooms {
  /** Rooms of this kind are streams without a binding: clients subscribe to streams by path. */
  static final String BY_PATH = "parley:stream:";

  private static final String EVENT = "socketio-event";
  private static final String COUNT = "socketio-args";
  private static final String EXCEPT = "socketio-except";
  private static final String JSON = "application/json";
  private static final String USUAL = "message";
  private static final int MOST_EXISTING = 10_000;

  private final Hub hub;
  private final List<RoomBinding> bindings;
  private final Values values;
  private final Set<String> existing = ConcurrentHashMap.newKeySet(); // paths known to be there
  private final Map<String, CompletableFuture<AppendResult>> making = new ConcurrentHashMap<>();
  private final Map<String, List<Followed>> followed = new ConcurrentHashMap<>(); // by path

  /** A room with somebody in it, or that somebody may come back to. */
  private record Followed(LocalNamespace namespace, String room, String event) {}

  StreamRooms(Hub hub, List<RoomBinding> bindings, Values values) {
    this.hub = hub;
    this.bindings = List.copyOf(bindings);
    this.values = values;
  }

  /** Whether any room is a stream by configuration. */
  boolean hasBindings() {
    return !bindings.isEmpty();
  }

  /** The stream that a room is, or {@code null} for an ordinary room. */
  @Nullable StreamPath streamOf(String namespace, String room) {
    if (room.startsWith(BY_PATH)) {
      try {
        return StreamPath.of(room.substring(BY_PATH.length()));
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
    for (RoomBinding binding : bindings) {
      StreamPath path = binding.streamOf(namespace, room);
      if (path != null) {
        return path;
      }
    }
    return null;
  }

  private String usualEvent(String namespace, String room) {
    for (RoomBinding binding : bindings) {
      if (binding.streamOf(namespace, room) != null) {
        return binding.event();
      }
    }
    return USUAL;
  }

  /** From now on its namespace hears of the room's messages. Under the namespace's lock. */
  void follow(LocalNamespace namespace, String room, StreamPath path) {
    Followed added = new Followed(namespace, room, usualEvent(namespace.name(), room));
    followed.compute(
        path.value(),
        (_, known) -> {
          List<Followed> all = new ArrayList<>(known == null ? List.of() : known);
          if (!all.contains(added)) {
            all.add(added);
          }
          return List.copyOf(all);
        });
  }

  void unfollow(LocalNamespace namespace, String room, StreamPath path) {
    followed.computeIfPresent(
        path.value(),
        (_, known) -> {
          List<Followed> rest =
              known.stream()
                  .filter(each -> each.namespace() != namespace || !each.room().equals(room))
                  .toList();
          return rest.isEmpty() ? null : rest;
        });
  }

  /** How many streams are followed. */
  int following() {
    return followed.size();
  }

  /** On the store's commit thread, in the order of the commits of all streams. */
  void onCommitted(Commit commit) {
    Change change = commit.change();
    for (Followed each : followed.getOrDefault(change.path().value(), List.of())) {
      if (change.kind() == Change.Kind.DELETED) {
        each.namespace().onStreamDeleted(each.room());
      }
      int index = 0;
      for (Message message : commit.messages()) {
        deliver(each, Journal.position(change.sequence(), index++), message, commit.info());
      }
    }
  }

  private void deliver(Followed to, long position, Message message, StreamInfo info) {
    SocketPacket.Event event = eventOrNone(to.namespace().name(), to.room(), message, info);
    if (event != null) {
      to.namespace()
          .dispatch()
          .onStreamMessage(to.room(), position, event, excepted(message), message);
    }
  }

  /** As {@link #event}; {@code null} for what no event can say, such as JSON that is too deep. */
  SocketPacket.@Nullable Event eventOrNone(
      String namespace, String room, Message message, StreamInfo info) {
    try {
      return event(namespace, room, message, info.contentType());
    } catch (RuntimeException e) {
      System.getLogger(StreamRooms.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "namespace {0}: message {1} of {2} cannot be sent to its room: {3}",
              namespace,
              message.offset(),
              info.path(),
              e.getMessage());
      return null;
    }
  }

  /** A message as the event that a room hears. */
  SocketPacket.Event event(String namespace, String room, Message message, String contentType) {
    String named = message.headers().get(EVENT);
    String name = named == null ? usualEvent(namespace, room) : named;
    if (room.startsWith(BY_PATH)) {
      return byPath(namespace, room.substring(BY_PATH.length()), named, message, contentType);
    }
    if (!isJson(contentType)) {
      return packet(namespace, name, values.event(name, plain(message, contentType)));
    }
    Slice json = Slice.of(message.bytes());
    String count = message.headers().get(COUNT);
    Slice arguments = count == null ? json : json.slice(1, json.length() - 1);
    return packet(namespace, name, Values.event(values.quoted(name), arguments));
  }

  /** {@code ["parley:message", data, {stream, offset, time, event?}]}. */
  private SocketPacket.Event byPath(
      String namespace, String path, @Nullable String named, Message message, String contentType) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("stream", path);
    about.put("offset", message.offset());
    about.put("time", message.timestamp());
    if (named != null) {
      about.put("event", named);
    }
    Object data = isJson(contentType) ? values.read(message.bytes()) : plain(message, contentType);
    return packet(namespace, BuiltIn.MESSAGE, values.event(BuiltIn.MESSAGE, data, about));
  }

  private static SocketPacket.Event packet(
      String namespace, String name, SocketPacket.Payload payload) {
    return new SocketPacket.Event(namespace, name, SocketPacket.NO_ACK, payload);
  }

  private static Object plain(Message message, String contentType) {
    return contentType.startsWith("text/")
        ? new String(message.bytes(), StandardCharsets.UTF_8)
        : message.bytes();
  }

  private static boolean isJson(String contentType) {
    return ContentTypes.same(contentType, JSON);
  }

  Set<String> excepted(Message message) {
    String ids = message.headers().get(EXCEPT);
    return ids == null || ids.isEmpty() ? Set.of() : new LinkedHashSet<>(List.of(ids.split(",")));
  }

  /** Blocks. */
  String contentType(StreamPath path) {
    return hub.head(path).join().map(StreamInfo::contentType).orElse(JSON);
  }

  /** Sends an event of a program to a room that is a stream. */
  CompletableFuture<AppendResult> send(
      String namespace,
      String room,
      StreamPath path,
      SocketPacket.Event event,
      Set<String> excepted) {
    if (!event.payload().attachments().isEmpty()) {
      throw new IllegalArgumentException(
          event.name() + ": bytes in an event to " + room + " (expected: JSON, for a stream)");
    }
    JsonNode elements = values.read(event.payload().json().toArray());
    Map<String, String> headers = new LinkedHashMap<>();
    if (!event.name().equals(usualEvent(namespace, room))) {
      headers.put(EVENT, event.name());
    }
    byte[] bytes;
    if (elements.size() == 2) {
      bytes = values.bytes(elements.get(1)).toArray();
    } else {
      headers.put(COUNT, Integer.toString(elements.size() - 1));
      var rest = values.array();
      for (int i = 1; i < elements.size(); i++) {
        rest.add(elements.get(i));
      }
      bytes = values.bytes(rest).toArray();
    }
    if (!excepted.isEmpty()) {
      headers.put(EXCEPT, String.join(",", excepted));
    }
    return append(path, new Payload(bytes, headers, null), true);
  }

  /**
   * Appends, and makes the stream when it is not there and may be made. Messages to a stream that
   * may be missing go one after the other, so that none overtakes the one that makes it.
   */
  CompletableFuture<AppendResult> append(StreamPath path, Payload message, boolean mayCreate) {
    Append append = new Append(List.of(message), JSON, null, null, -1, false);
    if (!mayCreate || existing.contains(path.value())) {
      return hub.append(path, append)
          .thenCompose(result -> {
            if (!(result instanceof AppendResult.Missing) || !mayCreate) {
              return CompletableFuture.completedFuture(result);
            }
            existing.remove(path.value()); // it was deleted
            return append(path, message, true);
          });
    }
    CompletableFuture<AppendResult> appended =
        making.compute(
            path.value(),
            (_, before) ->
                (before == null ? CompletableFuture.completedFuture(null) : before)
                    .handle((_, _) -> true)
                    .thenCompose(_ -> hub.create(path, StreamSpec.of(JSON)))
                    .thenCompose(_ -> hub.append(path, append)));
    var _ = appended.whenComplete((_, failure) -> made(path.value(), appended, failure == null));
    return appended;
  }

  /** The last of those that waited for a stream has its answer. */
  private void made(String path, CompletableFuture<?> last, boolean exists) {
    making.computeIfPresent(
        path,
        (_, newest) -> {
          if (newest != last) {
            return newest;
          }
          if (exists) {
            if (existing.size() >= MOST_EXISTING) {
              existing.clear();
            }
            existing.add(path);
          }
          return null;
        });
  }
}
