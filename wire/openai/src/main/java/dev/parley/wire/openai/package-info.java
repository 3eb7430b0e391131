/** The OpenAI API over HTTP: chat completions, responses and models, answered by runs. */
@NullMarked
package dev.parley.wire.openai;

import org.jspecify.annotations.NullMarked;
