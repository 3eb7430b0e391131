package dev.parley.socketio;

import java.util.Collection;
import java.util.function.Consumer;

/**
 * A part of a connection's traffic under a name of its own; as a {@link Broadcast}, all of its
 * sockets. Safe on any thread.
 *
 * <p>What is registered here holds for sockets that connect afterwards.
 */
public interface Namespace extends Broadcast {
  /**
   * {@code /} or {@code /name}; of a pattern, the pattern; of a function, {@code /_} and a number.
   */
  String name();

  /**
   * Runs for each socket that has connected, before any of its events: the place for its handlers.
   */
  Namespace onConnection(Consumer<Socket> handler);

  /**
   * Runs before a socket connects, in the order of registration; may block. A {@link
   * ConnectRefusedException} refuses it with that message and data, any other failure with {@code
   * "Internal error"}.
   */
  Namespace use(Middleware middleware);

  /** Which threads run the handlers of its sockets; virtual ones when not said. */
  Namespace handleOn(HandlerThreads threads);

  /**
   * Hears of rooms; called with the namespace's lock held, so it must be quick, and use no other
   * namespace.
   */
  Namespace onRooms(RoomListener listener);

  /** Says what happens to its events for clients that do not keep up; lossless when not said. */
  Namespace onSlow(SlowPolicy policy);

  /**
   * As {@link #onSlow(SlowPolicy)}, for events to some of its rooms. The first that fits counts,
   * those of a program before those of the configuration; an event to several rooms is judged by
   * the first that fits any of them.
   *
   * @param rooms a name, with at most one {@code *} for any characters
   */
  Namespace onSlow(String rooms, SlowPolicy policy);

  /** Who is connected to this node. A snapshot. */
  Collection<Socket> sockets();

  /** Decides whether a socket may connect. */
  @FunctionalInterface
  interface Middleware {
    void beforeConnect(Socket socket) throws Exception;
  }

  /** Which threads run handlers. The events of one socket are in order on either. */
  enum HandlerThreads {
    /** A virtual thread while a socket has work; handlers may block. */
    VIRTUAL,
    /**
     * The event loop of the connection: the least work per event, and handlers must never block.
     */
    EVENT_LOOP
  }

  /** Hears of rooms that come, go and change. */
  interface RoomListener {
    /** A room has its first socket. */
    default void onCreate(String room) {}

    default void onJoin(String room, String socketId) {}

    default void onLeave(String room, String socketId) {}

    /** A room has lost its last socket. */
    default void onDelete(String room) {}
  }
}
