/** The Durable Streams protocol over HTTP. */
@NullMarked
package dev.parley.wire.durable;

import org.jspecify.annotations.NullMarked;
