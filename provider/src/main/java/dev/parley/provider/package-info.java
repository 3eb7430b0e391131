/**
 * Replies from models that are reached by HTTP: what their protocols have in common. A dialect
 * knows one protocol's JSON, an {@link dev.parley.provider.EndpointProvider} is one address that
 * speaks it, and a {@link dev.parley.provider.ResilientProvider} makes several of them one that
 * tries again.
 */
@NullMarked
package dev.parley.provider;

import org.jspecify.annotations.NullMarked;
