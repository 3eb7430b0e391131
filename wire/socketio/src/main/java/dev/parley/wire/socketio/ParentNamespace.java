package dev.parley.wire.socketio;

import dev.parley.socketio.Broadcast;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.SlowPolicy;
import dev.parley.socketio.Socket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The namespaces that were made for one pattern: what is registered holds for each of them, and
 * what is sent goes to all. Safe on any thread.
 */
final class ParentNamespace extends WholeNamespace {
  private final String name;
  private final Predicate<String> names;
  private final boolean isPattern;
  private final Registrations registrations; // what the next child begins with
  private final Set<LocalNamespace> children = ConcurrentHashMap.newKeySet();
  private final Broadcast everyone;

  /**
   * @param isPattern whether it is a regular expression; else it is a function
   */
  ParentNamespace(String name, Predicate<String> names, boolean isPattern, SocketIoServer server) {
    this.name = name;
    this.names = names;
    this.isPattern = isPattern;
    this.registrations = new Registrations(List.of());
    this.everyone = ParentSelection.all(this, server);
  }

  /** Whether a client may connect to a namespace of this name. */
  boolean admits(String wanted) {
    return names.test(wanted);
  }

  /**
   * Whether a namespace that a program names is one of them: of functions the official server does
   * not ask either.
   */
  boolean claims(String named) {
    return isPattern && names.test(named);
  }

  synchronized void adopt(LocalNamespace child) {
    child.registrations().addAll(registrations);
    children.add(child);
  }

  void forget(LocalNamespace child) {
    children.remove(child);
  }

  Collection<LocalNamespace> children() {
    return children;
  }

  @Override
  Broadcast everyone() {
    return everyone;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public synchronized Namespace onConnection(Consumer<Socket> handler) {
    registrations.onConnection(handler);
    children.forEach(child -> child.onConnection(handler));
    return this;
  }

  @Override
  public synchronized Namespace use(Middleware middleware) {
    registrations.use(middleware);
    children.forEach(child -> child.use(middleware));
    return this;
  }

  @Override
  public synchronized Namespace handleOn(HandlerThreads threads) {
    registrations.handleOn(threads);
    children.forEach(child -> child.handleOn(threads));
    return this;
  }

  @Override
  public synchronized Namespace onRooms(RoomListener listener) {
    registrations.onRooms(listener);
    children.forEach(child -> child.onRooms(listener));
    return this;
  }

  @Override
  public synchronized Namespace onSlow(String rooms, SlowPolicy policy) {
    registrations.onSlow(rooms, policy);
    children.forEach(child -> child.onSlow(rooms, policy));
    return this;
  }

  @Override
  public Collection<Socket> sockets() {
    Collection<Socket> all = new ArrayList<>();
    children.forEach(child -> all.addAll(child.sockets()));
    return List.copyOf(all);
  }
}
