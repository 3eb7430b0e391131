/** Replies that were given before, for those who ask the very same again. */
@NullMarked
package dev.parley.provider.cache;

import org.jspecify.annotations.NullMarked;
