/**
 * What stands in for model providers in tests and benches: a process that speaks their HTTP and
 * says what its model's name asks for, faults included. The grammar is in the README.
 */
@NullMarked
package dev.parley.testkit.upstream;

import org.jspecify.annotations.NullMarked;
