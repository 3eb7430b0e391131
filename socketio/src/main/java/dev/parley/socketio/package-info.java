/**
 * Socket.IO for Java programs, in the words of the official server: namespaces, sockets, rooms,
 * events and acknowledgements. A server hands out its {@link dev.parley.socketio.SocketIo}.
 */
@NullMarked
package dev.parley.socketio;

import org.jspecify.annotations.NullMarked;
