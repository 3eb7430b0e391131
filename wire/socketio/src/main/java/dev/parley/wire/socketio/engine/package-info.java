/**
 * Engine.IO: sessions over polling and WebSocket, their heartbeats, and the upgrade between the
 * two.
 */
@NullMarked
package dev.parley.wire.socketio.engine;

import org.jspecify.annotations.NullMarked;
