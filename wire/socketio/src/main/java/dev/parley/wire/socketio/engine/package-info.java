/**
 * Engine.IO sessions over polling and WebSocket, their heartbeats, and the upgrade from one to the
 * other.
 *
 * <p>{@link dev.parley.wire.socketio.engine.EngineServer} checks requests and brings them to their
 * {@link dev.parley.wire.socketio.engine.Session}, which one event loop owns: that of its
 * handshake. Requests that come on another loop hop to it, their answers hop back. An upgrade moves
 * the session to the loop of its WebSocket, so that messages never hop: the old loop first does all
 * it has for the session, and what the new one has waits in a {@code Move} meanwhile.
 *
 * <p>Heartbeats have one timer a loop: all sessions wait equally long, so lists in order of arrival
 * are in order of time. A message for many is encoded, framed and compressed once.
 */
@NullMarked
package dev.parley.wire.socketio.engine;

import org.jspecify.annotations.NullMarked;
