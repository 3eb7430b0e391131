package dev.parley.wire.socketio;

/**
 * What was counted since the start. A value.
 *
 * @param waited times what was sent had to wait for a client that did not keep up
 * @param dropped events that {@code drop-oldest} took away
 * @param conflated events that a newer one replaced under {@code latest}
 * @param gaps times a client was told that events are missing
 * @param disconnected connections closed by the policy of that name
 * @param overflowed connections closed because more waited than one may have waiting
 * @param refused packets beyond a rate limit
 * @param flooded connections closed for going on far beyond a rate limit
 */
public record BackPressureStats(
    long waited,
    long dropped,
    long conflated,
    long gaps,
    long disconnected,
    long overflowed,
    long refused,
    long flooded) {}
