package dev.parley.wire.socketio.codec;

/**
 * The two pairs of protocols in the field: an Engine.IO revision carries one Socket.IO revision.
 */
public enum Revision {
  /** Engine.IO 3 with Socket.IO 4: the clients 1.x and 2.x. */
  EIO3,
  /** Engine.IO 4 with Socket.IO 5: the clients from 3.0 on. */
  EIO4
}
