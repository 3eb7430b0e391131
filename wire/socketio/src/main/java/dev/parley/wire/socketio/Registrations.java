package dev.parley.wire.socketio;

import dev.parley.socketio.Namespace.HandlerThreads;
import dev.parley.socketio.Namespace.Middleware;
import dev.parley.socketio.Namespace.RoomListener;
import dev.parley.socketio.SlowPolicy;
import dev.parley.socketio.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a program has registered with one namespace or pattern. Read by any thread; lists are copied
 * when changed, under its monitor.
 */
final class Registrations {
  private volatile List<Consumer<Socket>> connection = List.of();
  private volatile List<Middleware> middleware = List.of();
  private volatile List<RoomListener> rooms = List.of();
  private volatile HandlerThreads threads = HandlerThreads.VIRTUAL;
  private final List<SlowRule> configured;
  private volatile List<SlowRule> slow; // of the program, then as configured

  /**
   * @param slow of the configuration
   */
  Registrations(List<SlowRule> slow) {
    this.configured = slow;
    this.slow = slow;
  }

  synchronized void onConnection(Consumer<Socket> handler) {
    connection = joined(connection, List.of(handler));
  }

  synchronized void use(Middleware one) {
    middleware = joined(middleware, List.of(one));
  }

  synchronized void onRooms(RoomListener listener) {
    rooms = joined(rooms, List.of(listener));
  }

  synchronized void onSlow(String names, SlowPolicy policy) {
    addSlow(List.of(new SlowRule(names, policy)));
  }

  private void addSlow(List<SlowRule> rules) {
    List<SlowRule> own = slow.subList(0, slow.size() - configured.size());
    slow = joined(joined(own, rules), configured);
  }

  void handleOn(HandlerThreads which) {
    threads = which;
  }

  /** Takes over what is registered with the pattern that its namespace belongs to. */
  synchronized void addAll(Registrations pattern) {
    connection = joined(connection, pattern.connection);
    middleware = joined(middleware, pattern.middleware);
    rooms = joined(rooms, pattern.rooms);
    addSlow(pattern.slow);
    threads = pattern.threads;
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first.size() + second.size());
    all.addAll(first);
    all.addAll(second);
    return List.copyOf(all);
  }

  List<Consumer<Socket>> connection() {
    return connection;
  }

  List<Middleware> middleware() {
    return middleware;
  }

  List<RoomListener> rooms() {
    return rooms;
  }

  HandlerThreads threads() {
    return threads;
  }

  List<SlowRule> slow() {
    return slow;
  }
}
