/** The server: configuration, access, administration, assembly and the command line. */
@NullMarked
package dev.parley.server;

import org.jspecify.annotations.NullMarked;
