/** What Anthropic speaks. */
@NullMarked
package dev.parley.provider.anthropic;

import org.jspecify.annotations.NullMarked;
