package dev.parley.wire.socketio;

import dev.parley.socketio.AckTimeoutException;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.RemoteSocket;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The same choice in every namespace of one pattern that there is when it is used. Immutable.
 *
 * @param narrow makes the choice from all of a namespace
 */
record ParentSelection(
    ParentNamespace parent, SocketIoServer server, UnaryOperator<Selection> narrow)
    implements Broadcast {
  static ParentSelection all(ParentNamespace parent, SocketIoServer server) {
    return new ParentSelection(parent, server, all -> all);
  }

  private ParentSelection and(UnaryOperator<Selection> more) {
    return new ParentSelection(parent, server, all -> more.apply(narrow.apply(all)));
  }

  private void forEach(Consumer<Selection> action) {
    for (LocalNamespace child : parent.children()) {
      action.accept(narrow.apply(Selection.all(child)));
    }
  }

  @Override
  public Broadcast to(String... rooms) {
    String[] more = rooms.clone();
    return and(all -> all.to(more));
  }

  @Override
  public Broadcast except(String... rooms) {
    String[] more = rooms.clone();
    return and(all -> all.except(more));
  }

  @Override
  public Broadcast local() {
    return and(Selection::local);
  }

  @Override
  public Broadcast asVolatile() {
    return and(Selection::asVolatile);
  }

  @Override
  public Broadcast compress(boolean compress) {
    return and(all -> all.compress(compress));
  }

  @Override
  public Broadcast timeout(Duration timeout) {
    return and(all -> all.timeout(timeout));
  }

  @Override
  public void emit(String event, @Nullable Object... args) {
    String named = server.eventName(event);
    SocketPacket.Payload payload = server.values().event(named, args);
    forEach(chosen ->
        chosen
            .namespace()
            .dispatch()
            .cast(
                chosen,
                new SocketPacket.Event(
                    chosen.namespace().name(), named, SocketPacket.NO_ACK, payload)));
  }

  @Override
  public CompletableFuture<List<Arguments>> emitWithAck(String event, @Nullable Object... args) {
    var _ = server.values().event(server.eventName(event), args); // judged, also for nobody
    List<CompletableFuture<List<Arguments>>> each = new ArrayList<>();
    forEach(chosen -> each.add(chosen.emitWithAck(event, args)));
    return CompletableFuture.allOf(each.toArray(new CompletableFuture<?>[0]))
        .handle((_, failure) -> gathered(event, each));
  }

  private static List<Arguments> gathered(
      String event, List<CompletableFuture<List<Arguments>>> each) {
    List<Arguments> answers = new ArrayList<>();
    boolean missing = false;
    for (CompletableFuture<List<Arguments>> one : each) {
      switch (one.isCompletedExceptionally() ? one.exceptionNow() : null) {
        case null -> answers.addAll(one.join());
        case AckTimeoutException late -> {
          answers.addAll(late.answers());
          missing = true;
        }
        case Throwable other -> throw new CompletionException(other);
      }
    }
    if (missing) {
      throw new CompletionException(
          new AckTimeoutException(
              event + ": " + answers.size() + " answers, and not those of all, in time", answers));
    }
    return answers;
  }

  /** As with the official server: which namespaces there are differs from node to node. */
  @Override
  public CompletableFuture<List<RemoteSocket>> fetchSockets() {
    throw new UnsupportedOperationException(
        "fetchSockets: of pattern " + parent.name() + " (expected: of one namespace)");
  }

  @Override
  public void socketsJoin(String... joined) {
    ClientSocket.requireOrdinary(joined);
    forEach(chosen -> chosen.socketsJoin(joined));
  }

  @Override
  public void socketsLeave(String... gone) {
    forEach(chosen -> chosen.socketsLeave(gone));
  }

  @Override
  public void disconnectSockets(boolean close) {
    forEach(chosen -> chosen.disconnectSockets(close));
  }
}
