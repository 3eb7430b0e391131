package dev.parley.wire.socketio;

import dev.parley.socketio.Arguments;
import dev.parley.socketio.Socket.EventRewriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a program has registered with one socket, and the threads it runs on. Safe on any thread.
 * Copied when changed: sockets have few handlers, and are many.
 */
final class Handlers {
  private static final System.Logger LOG = System.getLogger(Handlers.class.getName());

  private record Registered(String event, boolean once, Consumer<Arguments> handler) {}

  /** What few sockets have. Fields are set under the monitor of the handlers. */
  private static final class Hooks {
    volatile List<EventRewriter> middleware = List.of();
    volatile List<BiConsumer<String, Arguments>> any = List.of();
    volatile List<BiConsumer<String, Arguments>> outgoing = List.of();
    volatile List<Consumer<String>> disconnecting = List.of();
    volatile List<Consumer<String>> disconnected = List.of();
    volatile @Nullable Consumer<Exception> error;
  }

  private final ClientSocket socket;
  private volatile List<Registered> all = List.of();
  private volatile @Nullable Hooks hooks;
  private volatile @Nullable Inbox inbox; // of virtual threads, made with the first task

  Handlers(ClientSocket socket) {
    this.socket = socket;
  }

  synchronized void add(String event, boolean once, Consumer<Arguments> handler) {
    all = more(all, new Registered(event, once, handler));
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

  synchronized void onAny(BiConsumer<String, Arguments> handler) {
    hooks().any = more(hooks().any, handler);
  }

  synchronized void onAnyOutgoing(BiConsumer<String, Arguments> handler) {
    hooks().outgoing = more(hooks().outgoing, handler);
  }

  synchronized void rewrite(EventRewriter rewriter) {
    hooks().middleware = more(hooks().middleware, rewriter);
  }

  synchronized void onError(Consumer<Exception> handler) {
    hooks().error = handler;
  }

  synchronized void onDisconnecting(Consumer<String> handler) {
    hooks().disconnecting = more(hooks().disconnecting, handler);
  }

  synchronized void onDisconnect(Consumer<String> handler) {
    hooks().disconnected = more(hooks().disconnected, handler);
  }

  private synchronized Hooks hooks() {
    Hooks made = hooks;
    if (made == null) {
      made = new Hooks();
      hooks = made;
    }
    return made;
  }

  private static <T> List<T> more(List<T> list, T one) {
    List<T> more = new ArrayList<>(list.size() + 1);
    more.addAll(list);
    more.add(one);
    return List.copyOf(more);
  }

  /** Runs a task of the socket after those before it, on the threads its namespace says. */
  void run(Runnable task) {
    Connection connection = socket.connection();
    if (socket.namespace().onEventLoop()) {
      if (connection.lane().loop.inEventLoop() && !socket.namespace().isLocked()) {
        guarded(task);
      } else {
        connection.session().execute(() -> guarded(task));
      }
      return;
    }
    Inbox mine = inbox;
    if (mine == null) {
      synchronized (this) {
        mine = inbox;
        if (mine == null) {
          mine =
              new Inbox(
                  socket.namespace().config().maxWaitingEvents(),
                  () -> connection.onInbox(true),
                  () -> connection.onInbox(false));
          inbox = mine;
        }
      }
    }
    mine.submit(() -> guarded(task));
  }

  /**
   * Runs what waited for an answer. Not behind other work of this socket: its handlers may be what
   * waits.
   */
  void answered(Runnable task) {
    if (socket.namespace().onEventLoop()) {
      run(task);
    } else {
      Thread.ofVirtual().name("parley-answer").start(() -> guarded(task));
    }
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (Exception e) {
      failed(e);
    } catch (Error e) { // of one handler; the events after it have theirs
      LOG.log(System.Logger.Level.ERROR, socket + ": a handler failed", e);
    }
  }

  private void failed(Exception failure) {
    Hooks extra = hooks;
    Consumer<Exception> handler = extra == null ? null : extra.error;
    if (handler == null) {
      LOG.log(System.Logger.Level.WARNING, socket + ": a handler failed", failure);
    } else {
      try {
        handler.accept(failure);
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, socket + ": its error handler failed", e);
      }
    }
  }

  /** In {@link #run}: an event of the client. */
  void handle(String event, EventArguments came) {
    Hooks extra = hooks;
    EventArguments arguments = came;
    try {
      if (extra != null) {
        for (EventRewriter middleware : extra.middleware) {
          @Nullable Object[] next = middleware.rewrite(event, arguments);
          if (next == null) {
            return;
          }
          arguments = rewritten(event, arguments, next);
        }
        for (BiConsumer<String, Arguments> any : extra.any) {
          any.accept(event, arguments);
        }
      }
    } catch (Exception e) {
      failed(e);
      return;
    }
    List<Registered> registered = all;
    for (int i = 0; i < registered.size(); i++) {
      Registered each = registered.get(i);
      if (each.event().equals(event) && (!each.once() || take(each))) {
        each.handler().accept(arguments);
      }
    }
  }

  private EventArguments rewritten(String event, EventArguments came, @Nullable Object[] next) {
    Values values = socket.namespace().values();
    return next.length == 1 && next[0] == came
        ? came
        : EventArguments.ofEvent(values, values.event(event, next), came.ack());
  }

  /** Whether anybody hears what is sent to the socket. */
  boolean hearOutgoing() {
    Hooks extra = hooks;
    return extra != null && !extra.outgoing.isEmpty();
  }

  /** In {@link #run}: an event was sent to the client. */
  void outgoing(String event, EventArguments arguments) {
    Hooks extra = hooks;
    if (extra != null) {
      extra.outgoing.forEach(handler -> handler.accept(event, arguments));
    }
  }

  /** In {@link #run}: the socket is about to go. */
  void disconnecting(String reason) {
    Hooks extra = hooks;
    if (extra != null) {
      extra.disconnecting.forEach(handler -> handler.accept(reason));
    }
  }

  /** In {@link #run}: the socket has gone. */
  void disconnected(String reason) {
    Hooks extra = hooks;
    if (extra != null) {
      extra.disconnected.forEach(handler -> handler.accept(reason));
    }
  }
}
