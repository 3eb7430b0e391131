/** Tools of personas, called at the application's own HTTP server. */
@NullMarked
package dev.parley.toolcall;

import org.jspecify.annotations.NullMarked;
