package dev.parley.wire.socketio.backend;

import dev.parley.socketio.Arguments;
import dev.parley.socketio.Handshake;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a backend is asked, or told. Immutable. */
public sealed interface Question {
  Asker asker();

  /**
   * Whether a socket may connect.
   *
   * @param recovered whether it goes on with an earlier session
   */
  record Connect(Asker asker, Handshake handshake, boolean recovered) implements Question {}

  /** Whether an event goes to its handlers, and with what. */
  record Event(Asker asker, String name, Arguments arguments) implements Question {}

  /** Whether a socket may follow a room. */
  record Subscribe(Asker asker, String room) implements Question {}

  /**
   * Whether a socket may publish to a room.
   *
   * @param payload anything JSON can say; {@code byte[]} travels as base64
   */
  record Publish(Asker asker, String room, @Nullable Object payload) implements Question {}

  /** That a socket has gone; the answer does not matter. */
  record Disconnect(Asker asker, String reason) implements Question {}

  default Kind kind() {
    return switch (this) {
      case Connect _ -> Kind.CONNECT;
      case Event _ -> Kind.EVENT;
      case Subscribe _ -> Kind.SUBSCRIBE;
      case Publish _ -> Kind.PUBLISH;
      case Disconnect _ -> Kind.DISCONNECT;
    };
  }

  /** The kinds of questions, as a route and a request name them. */
  enum Kind {
    CONNECT,
    EVENT,
    SUBSCRIBE,
    PUBLISH,
    DISCONNECT;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a route means a kind by this, and not a custom event of that name. */
    static boolean isReserved(String event) {
      return switch (event) {
        case "connect", "subscribe", "publish", "disconnect" -> true;
        default -> false;
      };
    }
  }
}
