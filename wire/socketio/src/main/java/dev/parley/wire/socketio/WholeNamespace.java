package dev.parley.wire.socketio;

import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.RemoteSocket;
import dev.parley.socketio.SlowPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A namespace as the choice of all its sockets. Safe on any thread. */
abstract sealed class WholeNamespace implements Namespace permits LocalNamespace, ParentNamespace {
  /** All its sockets. */
  abstract Broadcast everyone();

  @Override
  public final Namespace onSlow(SlowPolicy policy) {
    return onSlow("", policy);
  }

  @Override
  public final Broadcast to(String... more) {
    return everyone().to(more);
  }

  @Override
  public final Broadcast except(String... more) {
    return everyone().except(more);
  }

  @Override
  public final Broadcast local() {
    return everyone().local();
  }

  @Override
  public final Broadcast asVolatile() {
    return everyone().asVolatile();
  }

  @Override
  public final Broadcast compress(boolean compress) {
    return everyone().compress(compress);
  }

  @Override
  public final Broadcast timeout(Duration timeout) {
    return everyone().timeout(timeout);
  }

  @Override
  public final void emit(String event, @Nullable Object... args) {
    everyone().emit(event, args);
  }

  @Override
  public final CompletableFuture<List<Arguments>> emitWithAck(
      String event, @Nullable Object... args) {
    return everyone().emitWithAck(event, args);
  }

  @Override
  public final CompletableFuture<List<RemoteSocket>> fetchSockets() {
    return everyone().fetchSockets();
  }

  @Override
  public final void socketsJoin(String... joined) {
    everyone().socketsJoin(joined);
  }

  @Override
  public final void socketsLeave(String... gone) {
    everyone().socketsLeave(gone);
  }

  @Override
  public final void disconnectSockets(boolean close) {
    everyone().disconnectSockets(close);
  }

  @Override
  public final String toString() {
    return "namespace " + name();
  }
}
