/**
 * The subscription group of Durable Streams (§6 and §7): durable cursors over streams that wake a
 * worker, by webhook or through a wake stream, when there is something to do.
 */
@NullMarked
package dev.parley.wire.durable.subscription;

import org.jspecify.annotations.NullMarked;
