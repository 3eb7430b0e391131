/** Connections to upstreams: pooled, on the event loops of the server. */
@NullMarked
package dev.parley.provider.http;

import org.jspecify.annotations.NullMarked;
