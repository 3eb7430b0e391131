/** Bytes in and out: listeners, TLS, HTTP/1.1 and HTTP/2, limits and back-pressure, on Netty. */
@NullMarked
package dev.parley.transport;

import org.jspecify.annotations.NullMarked;
