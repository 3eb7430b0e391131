/** Server-sent events, as they are read. */
@NullMarked
package dev.parley.provider.sse;

import org.jspecify.annotations.NullMarked;
