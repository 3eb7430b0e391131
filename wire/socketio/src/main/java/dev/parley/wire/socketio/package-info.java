/**
 * Socket.IO: namespaces, sockets and rooms over the sessions of {@link
 * dev.parley.wire.socketio.engine}, in the packets of {@link dev.parley.wire.socketio.codec}. Gives
 * the public interfaces of {@link dev.parley.socketio} to Java programs.
 */
@NullMarked
package dev.parley.wire.socketio;

import org.jspecify.annotations.NullMarked;
