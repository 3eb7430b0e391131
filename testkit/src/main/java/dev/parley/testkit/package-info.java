/**
 * What tests of a whole server need: a server process to kill, a client that retries, a network
 * that fails.
 */
@NullMarked
package dev.parley.testkit;

import org.jspecify.annotations.NullMarked;
