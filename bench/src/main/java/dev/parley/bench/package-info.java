/** The load generator behind {@code ./parley bench}, and the JMH benchmarks of the hot paths. */
@NullMarked
package dev.parley.bench;

import org.jspecify.annotations.NullMarked;
