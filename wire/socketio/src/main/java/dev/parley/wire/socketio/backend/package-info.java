/**
 * A backend that needs no Java: connects, disconnects, subscriptions, publishes and events are put
 * to it as signed HTTP requests, and its answers allow, deny or rewrite.
 */
@NullMarked
package dev.parley.wire.socketio.backend;

import org.jspecify.annotations.NullMarked;
