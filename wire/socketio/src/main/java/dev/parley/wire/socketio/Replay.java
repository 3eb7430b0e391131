package dev.parley.wire.socketio;

import dev.parley.hub.Hub;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends the past of a stream to one socket, then leaves it to the room. On the connection's loop.
 */
final class Replay {
  private static final int MESSAGES = 256;
  private static final int BYTES = 256 << 10;

  private final Hub hub;
  private final StreamRooms rooms;
  private final ClientSocket socket;
  private final StreamPath path;
  private final String room;
  private final CompletableFuture<Long> done = new CompletableFuture<>();
  private long after;

  Replay(Hub hub, StreamRooms rooms, ClientSocket socket, StreamPath path, long after) {
    this.hub = hub;
    this.rooms = rooms;
    this.socket = socket;
    this.path = path;
    this.room = StreamRooms.BY_PATH + path;
    this.after = after;
  }

  CompletableFuture<Long> done() {
    return done;
  }

  void start() {
    socket.outbox().holdBack(room, Long.MAX_VALUE);
    socket.joinAny(room);
    // In its turn, as the joining may wait for others: what is read must reach to what it will
    // hear.
    socket.namespace().inOrder(() -> socket.connection().session().execute(this::next));
  }

  private void fail(Throwable failure) {
    socket.leave(room);
    socket.outbox().holdBack(room, 0);
    done.completeExceptionally(failure);
  }

  private void next() {
    if (!socket.connected()) {
      done.completeExceptionally(new BuiltIn.Refused("gone", "the socket has gone", false));
      return;
    }
    var _ =
        hub.read(path, after, MESSAGES, BYTES)
            .whenComplete((slice, failure) ->
                socket.connection().session().execute(() -> onRead(slice, failure)));
  }

  private void onRead(Optional<dev.parley.stream.Slice> slice, @Nullable Throwable failure) {
    if (failure != null || slice.isEmpty()) {
      fail(
          failure == null
              ? new BuiltIn.Refused("not_found", path + ": no such stream", false)
              : failure);
      return;
    }
    dev.parley.stream.Slice read = slice.get();
    for (var message : read.messages()) {
      SocketPacket.Event event =
          rooms.eventOrNone(socket.namespace().name(), room, message, read.info());
      if (event != null) {
        socket.connection().send(Delivery.of(event, true, false));
      }
    }
    if (after > read.info().tail()) {
      fail(
          new BuiltIn.Refused(
              "bad_request",
              "from: " + after + " (expected: <= " + read.info().tail() + ", the last offset)",
              false));
      return;
    }
    after = Math.max(after, read.next());
    if (!read.upToDate() || !socket.namespace().goesLive(socket, room, after)) {
      socket.connection().whenClear(this::next);
      return;
    }
    done.complete(after);
  }
}
