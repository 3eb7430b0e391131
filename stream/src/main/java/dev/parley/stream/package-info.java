/**
 * The log model: streams, messages, producers and the {@link dev.parley.stream.Store} that keeps
 * them. JDK only.
 */
@NullMarked
package dev.parley.stream;

import org.jspecify.annotations.NullMarked;
