package dev.parley.wire.socketio;

import dev.parley.wire.socketio.engine.Outgoing;
import java.util.Set;

/** Hands one packet to the sockets of one event loop, encoded once for all of them. */
final class Fan implements Runnable {
  private final Delivery delivery;
  private final Room.Crowd crowd;
  private final Set<ClientSocket> except;

  Fan(Delivery delivery, Room.Crowd crowd, Set<ClientSocket> except) {
    this.delivery = delivery;
    this.crowd = crowd;
    this.except = except;
  }

  @Override
  public void run() {
    Outgoing outgoing = Outgoing.shared(delivery.encoded(), delivery.compress());
    try {
      boolean all = except.isEmpty();
      for (int i = 0; i < crowd.size(); i++) {
        ClientSocket socket = crowd.socket(i);
        if (all || !except.contains(socket)) {
          socket.deliver(delivery, outgoing);
        }
      }
    } finally {
      outgoing.release();
    }
  }
}
