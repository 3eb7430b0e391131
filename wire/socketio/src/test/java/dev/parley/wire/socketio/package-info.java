/** Tests of namespaces, rooms and connections. */
@NullMarked
package dev.parley.wire.socketio;

import org.jspecify.annotations.NullMarked;
