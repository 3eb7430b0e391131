/** The live side of a node: who follows which stream, and how a committed message reaches them. */
@NullMarked
package dev.parley.hub;

import org.jspecify.annotations.NullMarked;
