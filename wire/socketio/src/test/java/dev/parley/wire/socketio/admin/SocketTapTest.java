package dev.parley.wire.socketio.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.SocketObserver;
import dev.parley.wire.socketio.admin.LiveEvent.Kind;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SocketTapTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final AtomicReference<SocketObserver> observer =
      new AtomicReference<>(SocketObserver.NONE);
  private long nanos = 1;
  private final SocketTap tap =
      new SocketTap(
          observer::set,
          new AdminConfig(
              true, "/admin", AdminConfig.Mode.DEVELOPMENT, false, null, null, null, 10, 3),
          InstantSource.fixed(Instant.EPOCH),
          () -> nanos);
  private final Socket socket = Sockets.of("/", "a");

  private static SocketPacket.Event event(String json) {
    return new SocketPacket.Event(
        "/", "e", SocketPacket.NO_ACK, new SocketPacket.Payload(Slice.utf8(json), List.of()));
  }

  @Test
  void nothingIsHeardBeforeSomeoneLooks() {
    tap.onConnect(socket);
    assertThat(observer).hasValue(SocketObserver.NONE);
    assertThat(tap.look(0, 10).events()).isEmpty();
    assertThat(observer).hasValue(tap);
  }

  @Test
  void whatHappensWhileSomeoneLooksIsKeptInOrder() {
    tap.look(0, 10);
    tap.onConnect(socket);
    tap.onJoin(socket, "lobby");
    tap.onReceived(socket, event("[\"e\",1]"));
    SocketTap.Look look = tap.look(0, 10);
    assertThat(look.events())
        .extracting(LiveEvent::kind)
        .containsExactly(Kind.CONNECTED, Kind.JOINED, Kind.RECEIVED);
    assertThat(look.complete()).isTrue();
    assertThat(tap.look(look.last(), 10).events()).isEmpty();
    assertThat(tap.look(2, 10).events()).extracting(LiveEvent::text).containsExactly("e");
  }

  @Test
  void whoComesTooLateIsToldThatSomethingIsMissing() {
    tap.look(0, 10);
    tap.onConnect(socket);
    tap.onJoin(socket, "lobby");
    SocketTap.Look newest = tap.look(0, 1);
    assertThat(newest.events()).extracting(LiveEvent::kind).containsExactly(Kind.JOINED);
    assertThat(newest.complete()).isFalse();
  }

  @Test
  void itStopsToListenWhenNobodyHasLookedForAWhile() {
    tap.look(0, 10);
    nanos += LONG.toNanos();
    tap.onConnect(socket);
    assertThat(observer).hasValue(SocketObserver.NONE);
    assertThat(tap.look(0, 10).events()).isEmpty();
    assertThat(observer).hasValue(tap);
  }

  @Test
  void eventsBeyondTheBoundAreCountedAndMovesAreStillKept() {
    tap.look(0, 10);
    for (int i = 0; i < 5; i++) {
      tap.onReceived(socket, event("[\"e\"]"));
    }
    tap.onDisconnect(socket, "ping timeout");
    SocketTap.Look look = tap.look(0, 10);
    assertThat(look.lostEvents()).isEqualTo(2);
    assertThat(look.lostMoves()).isZero();
    assertThat(look.events()).hasSize(4);
    assertThat(look.events().getLast().text()).isEqualTo("ping timeout");
    nanos += Duration.ofSeconds(1).toNanos();
    tap.onReceived(socket, event("[\"e\"]"));
    assertThat(tap.look(look.last(), 10).events()).hasSize(1);
  }

  @Test
  void movesBeyondTheBoundAreCounted() {
    tap.look(0, 10);
    for (int i = 0; i < 1_500; i++) {
      tap.onConnect(socket);
    }
    assertThat(tap.look(0, 10).lostMoves()).isEqualTo(500);
  }

  @Test
  void eventsOfTheAdminNamespaceItselfAreNotShown() {
    tap.look(0, 10);
    Socket admin = Sockets.of("/admin", "b");
    tap.onBroadcast(List.of(admin), 1, event("[\"e\"]"));
    tap.onConnect(admin);
    assertThat(tap.look(0, 10).events())
        .extracting(LiveEvent::kind)
        .containsExactly(Kind.CONNECTED);
  }

  @Test
  void aLargeEventIsKeptByItsSizeAlone() {
    tap.look(0, 10);
    tap.onReceived(socket, event("[\"e\",\"" + "x".repeat(5_000) + "\"]"));
    LiveEvent kept = tap.look(0, 10).events().getFirst();
    assertThat(kept.json()).isNull();
    assertThat(kept.bytes()).isEqualTo(5_008);
    assertThat(EventPreview.text(kept, 100)).isEqualTo("(5008 bytes)");
  }
}
