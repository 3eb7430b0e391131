/** What OpenAI and the many who are compatible with it speak. */
@NullMarked
package dev.parley.provider.openai;

import org.jspecify.annotations.NullMarked;
