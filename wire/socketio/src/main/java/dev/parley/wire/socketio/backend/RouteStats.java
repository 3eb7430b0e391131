package dev.parley.wire.socketio.backend;

/**
 * What became of the questions of one route. Every question asked ends as one of the others.
 *
 * @param namespace of the route
 * @param origin scheme, host and port it goes to
 * @param circuit {@code closed} while it is asked, {@code open} while it is not, {@code half_open}
 *     while it is tried
 * @param asked questions, notices of disconnects among them
 * @param allowed by an answer; of notices, delivered
 * @param denied by an answer
 * @param failed without a usable answer
 * @param timedOut without an answer in time
 * @param shortCircuited not sent, as the circuit was open
 */
public record RouteStats(
    String namespace,
    String origin,
    String circuit,
    long asked,
    long allowed,
    long denied,
    long failed,
    long timedOut,
    long shortCircuited) {}
