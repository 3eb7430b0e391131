/**
 * RFC 6455 and RFC 7692 as a table of cases, spoken byte by byte to a running server. A message is
 * one of Engine.IO, which the server sends back: a text begins with 4, bytes are as they are.
 */
@NullMarked
package dev.parley.testkit.websocket;

import org.jspecify.annotations.NullMarked;
