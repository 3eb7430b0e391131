/** Tests of the Engine.IO sessions over real sockets. */
@NullMarked
package dev.parley.wire.socketio.engine;

import org.jspecify.annotations.NullMarked;
