package dev.parley.wire.socketio.backend;

import dev.parley.socketio.Ack;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Handshake;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of the public interfaces, for questions that come from nowhere. */
final class Fakes {
  static final Asker ALICE = new Asker("/chat", "socket-1", "alice", Map.of("level", 3));

  private Fakes() {}

  static Question publish(@Nullable Object payload) {
    return new Question.Publish(ALICE, "lobby", payload);
  }

  static Question.Event event(String name, @Nullable Object... args) {
    return new Question.Event(ALICE, name, new Values(Arrays.asList(args)));
  }

  static Question connect() {
    return new Question.Connect(ALICE, new Client(), false);
  }

  private record Values(List<@Nullable Object> list) implements Arguments {
    @Override
    public int size() {
      return list.size();
    }

    @Override
    public <T> @Nullable T get(int index, Class<T> type) {
      return type.cast(list.get(index));
    }

    @Override
    public List<@Nullable Object> toList() {
      return Collections.unmodifiableList(list);
    }

    @Override
    public Ack ack() {
      return _ -> {};
    }

    @Override
    public String toJson() {
      throw new UnsupportedOperationException();
    }
  }

  private record Client() implements Handshake {
    @Override
    public Map<String, @Nullable Object> auth() {
      return Map.of("token", "eyJ-private");
    }

    @Override
    public <T> T auth(Class<T> type) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, String> query() {
      return Map.of("EIO", "4");
    }

    @Override
    public @Nullable String header(String name) {
      return name.equals("cookie") ? "session=1" : name.equals("x-other") ? "no" : null;
    }

    @Override
    public InetSocketAddress address() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 5000);
    }

    @Override
    public Instant time() {
      return Instant.EPOCH;
    }

    @Override
    public boolean secure() {
      return true;
    }
  }
}
