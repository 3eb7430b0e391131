package dev.parley.transport;

/**
 * What the transport counted since it started. A snapshot.
 *
 * @param connections open now
 * @param accepted connections accepted and served
 * @param refused connections turned away for the limits
 * @param requests requests handed to the handler
 * @param rejected requests answered by the transport itself because they were malformed, too large
 *     or too slow, or because too many bodies were under way
 * @param bytesIn read from sockets, TLS included
 * @param bytesOut handed to sockets, TLS included
 */
public record TransportStats(
    int connections,
    long accepted,
    long refused,
    long requests,
    long rejected,
    long bytesIn,
    long bytesOut) {}
