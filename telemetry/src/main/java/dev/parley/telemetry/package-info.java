/**
 * Counters and latencies of a node, and how they are shown: a leaf that knows nothing of Parley.
 */
@NullMarked
package dev.parley.telemetry;

import org.jspecify.annotations.NullMarked;
