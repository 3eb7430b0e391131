package dev.parley.wire.socketio;

import dev.parley.socketio.AckTimeoutException;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How an event is sent to one socket. Immutable. */
record SocketEmitter(ClientSocket socket, boolean compress, boolean mayDrop, Duration timeout)
    implements Socket.Emitter {
  @Override
  public Socket.Emitter asVolatile() {
    return new SocketEmitter(socket, compress, true, timeout);
  }

  @Override
  public Socket.Emitter compress(boolean wanted) {
    return new SocketEmitter(socket, wanted, mayDrop, timeout);
  }

  @Override
  public Socket.Emitter timeout(Duration patience) {
    return new SocketEmitter(socket, compress, mayDrop, patience);
  }

  @Override
  public void emit(String event, @Nullable Object... args) {
    LocalNamespace namespace = socket.namespace();
    namespace
        .dispatch()
        .emit(
            socket,
            new SocketPacket.Event(
                namespace.name(),
                namespace.eventName(event),
                SocketPacket.NO_ACK,
                namespace.values().event(event, args)),
            compress,
            mayDrop);
  }

  @Override
  public CompletableFuture<Arguments> emitWithAck(String event, @Nullable Object... args) {
    LocalNamespace namespace = socket.namespace();
    long ackId = namespace.nextAckId();
    SocketPacket.Event packet =
        new SocketPacket.Event(
            namespace.name(),
            namespace.eventName(event),
            ackId,
            namespace.values().event(event, args));
    CompletableFuture<Arguments> answer = new CompletableFuture<>();
    socket.awaitAck(
        ackId,
        new ClientSocket.Awaited() {
          @Override
          public void onAnswer(EventArguments arguments) {
            answer.complete(arguments);
          }

          @Override
          public void onGone() {
            answer.completeExceptionally(
                new AckTimeoutException(event + ": the socket has gone", List.of()));
          }
        });
    var late =
        namespace.after(
            timeout,
            () -> {
              if (socket.takeAck(ackId) != null) {
                AckTimeoutException none =
                    new AckTimeoutException(event + ": no answer within " + timeout, List.of());
                socket.handlers().answered(() -> answer.completeExceptionally(none));
              }
            });
    var _ = answer.whenComplete((_, _) -> late.cancel(false));
    namespace.dispatch().emit(socket, packet, compress, mayDrop);
    return answer;
  }
}
