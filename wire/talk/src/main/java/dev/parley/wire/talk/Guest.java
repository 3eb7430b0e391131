package dev.parley.wire.talk;

import dev.parley.conversation.request.Access;
import dev.parley.conversation.request.Asker;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.conversation.request.Rooms;
import dev.parley.conversation.request.RunRequests.Shown;
import dev.parley.socketio.Socket;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.StreamEvents;
import dev.parley.wire.socketio.StreamFollower;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** One client in the namespace, and what it follows. Confined to the loop of its session. */
final class Guest {
  /** Branches and runs; runs that begin in its branches are followed all the same. */
  private static final int MOST_FOLLOWED = 256;

  private final SocketIoServer io;
  private final Socket socket;
  private final Asker asker;
  private final String person;
  private final Access access;
  private final Rooms rooms;
  private final Map<StreamPath, Followed> followed = new LinkedHashMap<>();
  private boolean gone;

  Guest(SocketIoServer io, Socket socket, Asker asker, Access access, Rooms rooms) {
    this.io = io;
    this.socket = socket;
    this.asker = asker;
    this.person = Objects.requireNonNullElse(asker.reader(), "");
    this.access = access;
    this.rooms = rooms;
  }

  Asker asker() {
    return asker;
  }

  /** Empty for one who reads everything and is nobody. */
  String person() {
    return person;
  }

  /** Any thread. */
  ScheduledExecutorService timer() {
    return SocketIoServer.session(socket).loop();
  }

  /** Any thread: does it on the loop, in the order of the calls. */
  void run(Runnable task) {
    SocketIoServer.session(socket).execute(task);
  }

  StreamFollower follower(StreamPath path, StreamEvents events, StreamFollower.Listener listener) {
    return io.follower(socket, path, events, listener);
  }

  /** Follows something from an offset; in place of what it followed there before. */
  void follow(Followed next, long after) {
    if (enter(next)) {
      next.follower.start(after);
    }
  }

  /** Follows a run, with all it has shown first. */
  void follow(Followed run, Shown shown) {
    if (enter(run)) {
      run.follower.start(shown.info(), shown.messages());
    }
  }

  private boolean enter(Followed next) {
    if (gone) {
      return false;
    }
    Followed before = followed.put(next.path(), next);
    rooms.join(next); // first: who is there anyway does not leave and come
    if (before != null) {
      cancel(before);
    }
    return true;
  }

  void requireRoomFor(StreamPath path) {
    if (!followed.containsKey(path) && followed.size() >= MOST_FOLLOWED) {
      throw RequestRefused.badField(
          "open: " + followed.size() + " branches and runs (expected: < " + MOST_FOLLOWED + ")");
    }
  }

  private void cancel(Followed left) {
    left.follower.cancel();
    rooms.leave(left);
  }

  void forget(Followed ended) {
    followed.remove(ended.path(), ended);
    rooms.leave(ended);
  }

  /** Leaves a branch and its runs, or a run. */
  void leave(Predicate<Followed> which) {
    for (Followed each : List.copyOf(followed.values())) {
      if (which.test(each)) {
        followed.remove(each.path());
        cancel(each);
      }
    }
  }

  void onGone() {
    gone = true;
    leave(_ -> true);
  }

  /** Any thread: whoever may not read a conversation any more hears so and nothing else of it. */
  void recheck(String conversation) {
    var _ =
        access
            .read(asker, conversation, _ -> true)
            .whenComplete((_, failure) -> {
              Throwable cause =
                  failure instanceof CompletionException ? failure.getCause() : failure;
              if (cause instanceof RequestRefused) {
                run(() -> expel(conversation));
              }
            });
  }

  private void expel(String conversation) {
    for (Followed each : List.copyOf(followed.values())) {
      if (each.conversation().equals(conversation)) {
        followed.remove(each.path());
        cancel(each);
        tellEnd(each, "not_member");
      }
    }
  }

  void tellEnd(Followed ended, String reason) {
    socket.emit(
        ended.isBranch() ? "conversation:ended" : "run:ended",
        ended.place(JsonNodeFactory.instance.objectNode()).put("reason", reason));
  }

  /** Any thread: what passes. */
  void tell(String event, JsonNode data) {
    socket.with().asVolatile().emit(event, data);
  }
}
