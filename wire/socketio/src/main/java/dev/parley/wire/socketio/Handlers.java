package dev.parley.wire.socketio;

import dev.parley.socketio.Arguments;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The handlers of one socket's events, in the order of registration. Copied when changed: sockets
 * have few, and are many.
 */
final class Handlers {
  private record Registered(String event, boolean once, Consumer<Arguments> handler) {}

  private volatile List<Registered> all = List.of();

  synchronized void add(String event, boolean once, Consumer<Arguments> handler) {
    List<Registered> more = new ArrayList<>(all.size() + 1);
    more.addAll(all);
    more.add(new Registered(event, once, handler));
    all = List.copyOf(more);
  }

  synchronized void remove(String event) {
    all = all.stream().filter(registered -> !registered.event().equals(event)).toList();
  }

  private synchronized boolean take(Registered once) {
    List<Registered> rest = all.stream().filter(registered -> registered != once).toList();
    boolean had = rest.size() < all.size();
    all = rest;
    return had;
  }

  void run(String event, Arguments arguments) {
    List<Registered> registered = all;
    for (int i = 0; i < registered.size(); i++) {
      Registered each = registered.get(i);
      if (each.event().equals(event) && (!each.once() || take(each))) {
        each.handler().accept(arguments);
      }
    }
  }
}
