/** Servers of others that {@code ./parley bench} measures beside ours. */
@NullMarked
package dev.parley.bench.peer;

import org.jspecify.annotations.NullMarked;
