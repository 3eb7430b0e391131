package dev.parley.wire.socketio;

import dev.parley.wire.socketio.backend.BackendConfig;
import dev.parley.wire.socketio.codec.CodecLimits;
import dev.parley.wire.socketio.engine.EngineConfig;
import java.time.Duration;
import java.util.List;

/**
 * How Socket.IO is spoken.
 *
 * @param engine sessions and their transports
 * @param limits of single packets
 * @param connectTimeout how long a client may take to connect to its first namespace
 * @param maxNamespaces namespaces one connection may be in at once
 * @param maxWaitingEvents events of one socket that wait for its handlers until its connection is
 *     no longer read
 * @param maxWaitingBytes what waits for one slow connection until it is closed
 * @param recovery how clients get what they missed
 * @param rooms rooms that are streams
 * @param builtIn namespaces where the server answers events of its own, as {@code parley:subscribe}
 * @param requireToken whether a client must bring an access token when keys are configured
 * @param backend who else is asked about what clients do
 * @param presenceGrace how long one who lost the connection still counts as present
 * @param slow what happens to events for clients that do not keep up; the first that fits counts
 * @param inbound how much clients may send
 */
public record SocketIoConfig(
    EngineConfig engine,
    CodecLimits limits,
    Duration connectTimeout,
    int maxNamespaces,
    int maxWaitingEvents,
    int maxWaitingBytes,
    RecoveryConfig recovery,
    List<RoomBinding> rooms,
    List<String> builtIn,
    boolean requireToken,
    Duration presenceGrace,
    BackendConfig backend,
    List<SlowConfig> slow,
    InboundConfig inbound) {
  public static SocketIoConfig defaults() {
    return new SocketIoConfig(
        EngineConfig.defaults(),
        CodecLimits.DEFAULT,
        Duration.ofSeconds(45),
        64,
        128,
        1 << 20,
        RecoveryConfig.defaults(),
        List.of(),
        List.of("/"),
        true,
        Duration.ofSeconds(10),
        BackendConfig.defaults(),
        List.of(),
        InboundConfig.defaults());
  }
}
