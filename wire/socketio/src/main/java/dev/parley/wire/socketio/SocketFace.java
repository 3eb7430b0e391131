package dev.parley.wire.socketio;

import dev.parley.socketio.Ack;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a program registers with a socket and sends by it, in terms of what a socket has. Safe on
 * any thread.
 */
abstract sealed class SocketFace implements Socket permits ClientSocket {
  abstract Handlers handlers();

  abstract ClientSocket socket();

  @Override
  public final Socket on(String event, Consumer<Arguments> handler) {
    handlers().add(event, false, handler);
    return this;
  }

  @Override
  public final <T> Socket on(String event, Class<T> type, Consumer<T> handler) {
    return on(event, arguments -> handler.accept(arguments.require(0, type)));
  }

  @Override
  public final <T> Socket on(String event, Class<T> type, BiConsumer<T, Ack> handler) {
    return on(event, arguments -> handler.accept(arguments.require(0, type), arguments.ack()));
  }

  @Override
  public final Socket once(String event, Consumer<Arguments> handler) {
    handlers().add(event, true, handler);
    return this;
  }

  @Override
  public final Socket off(String event) {
    handlers().remove(event);
    return this;
  }

  @Override
  public final Socket onAny(BiConsumer<String, Arguments> handler) {
    handlers().onAny(handler);
    return this;
  }

  @Override
  public final Socket onAnyOutgoing(BiConsumer<String, Arguments> handler) {
    handlers().onAnyOutgoing(handler);
    return this;
  }

  @Override
  public final Socket rewrite(EventRewriter rewriter) {
    handlers().rewrite(rewriter);
    return this;
  }

  @Override
  public final Socket onError(Consumer<Exception> handler) {
    handlers().onError(handler);
    return this;
  }

  @Override
  public final Socket onDisconnecting(Consumer<String> handler) {
    handlers().onDisconnecting(handler);
    return this;
  }

  @Override
  public final Socket onDisconnect(Consumer<String> handler) {
    handlers().onDisconnect(handler);
    return this;
  }

  @Override
  public final void emit(String event, @Nullable Object... args) {
    with().emit(event, args);
  }

  @Override
  public final CompletableFuture<Arguments> emitWithAck(String event, @Nullable Object... args) {
    return with().emitWithAck(event, args);
  }

  @Override
  public final Emitter with() {
    return new SocketEmitter(socket(), true, false, ClientSocket.ACK_TIMEOUT);
  }

  @Override
  public final Broadcast broadcast() {
    return socket().namespace().everyone().except(id());
  }

  @Override
  public final Broadcast to(String... rooms) {
    return broadcast().to(rooms);
  }

  @Override
  public final Broadcast except(String... rooms) {
    return broadcast().except(rooms);
  }
}
