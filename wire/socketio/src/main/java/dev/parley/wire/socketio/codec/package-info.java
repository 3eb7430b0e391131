/** Socket.IO and Engine.IO: the protocol codecs, as functions from bytes to packets and back. */
@NullMarked
package dev.parley.wire.socketio.codec;

import org.jspecify.annotations.NullMarked;
