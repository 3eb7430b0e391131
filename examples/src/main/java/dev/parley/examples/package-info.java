/** Examples, each of which runs alone. */
@NullMarked
package dev.parley.examples;

import org.jspecify.annotations.NullMarked;
