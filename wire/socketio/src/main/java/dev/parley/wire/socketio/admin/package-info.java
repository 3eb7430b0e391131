/**
 * What operators see of Socket.IO: the server side of the official admin UI, and what the console
 * shows of sockets and rooms.
 */
@NullMarked
package dev.parley.wire.socketio.admin;

import org.jspecify.annotations.NullMarked;
