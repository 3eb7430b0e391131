package dev.parley.wire.socketio.admin;

import dev.parley.socketio.Namespace;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.TrafficStats;
import dev.parley.wire.socketio.engine.CloseReason;
import dev.parley.wire.socketio.engine.EngineStats;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of the whole server, as the admin UI reads them. What it draws as histograms are
 * differences of counters, so nothing is done for it while nobody looks. Confined to one thread.
 */
final class ServerNumbers {
  private static final int MOST_NAMESPACES = 200;
  private static final long SECOND = 1_000;

  private final SocketIoServer io;
  private final String hostname = hostname();
  private final String serverId;
  private EngineStats engine;
  private TrafficStats traffic;

  ServerNumbers(SocketIoServer io, AdminConfig config) {
    this.io = io;
    this.serverId = config.serverId() == null ? hostname : config.serverId();
    this.engine = io.stats();
    this.traffic = io.traffic();
  }

  /**
   * @param nowMillis since the Unix epoch
   */
  Map<String, Object> next(long nowMillis) {
    EngineStats engineNow = io.stats();
    TrafficStats trafficNow = io.traffic();
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("serverId", serverId);
    stats.put("hostname", hostname);
    stats.put("pid", ProcessHandle.current().pid());
    stats.put("uptime", ManagementFactory.getRuntimeMXBean().getUptime() / (double) SECOND);
    stats.put("clientsCount", engineNow.open());
    stats.put("pollingClientsCount", engineNow.open() - engineNow.webSocket());
    stats.put("aggregatedEvents", since(engine, engineNow, traffic, trafficNow, nowMillis));
    stats.put("namespaces", namespaces());
    engine = engineNow;
    traffic = trafficNow;
    return stats;
  }

  private List<Map<String, Object>> namespaces() {
    record Count(String name, int sockets) {}
    List<Count> counts = new ArrayList<>();
    for (Namespace namespace : io.namespaces()) {
      counts.add(new Count(namespace.name(), SocketIoServer.count(namespace)));
    }
    counts.sort(Comparator.comparingInt(Count::sockets).reversed().thenComparing(Count::name));
    return counts.stream()
        .limit(MOST_NAMESPACES)
        .map(count -> Map.<String, Object>of("name", count.name(), "socketsCount", count.sockets()))
        .toList();
  }

  private static List<Map<String, Object>> since(
      EngineStats engine,
      EngineStats engineNow,
      TrafficStats traffic,
      TrafficStats trafficNow,
      long nowMillis) {
    List<Map<String, Object>> events = new ArrayList<>();
    long at = nowMillis - nowMillis % SECOND;
    add(events, at, "rawConnection", null, engineNow.opened() - engine.opened());
    Map<CloseReason, Long> before = new HashMap<>(engine.closed());
    engineNow
        .closed()
        .forEach((reason, count) ->
            add(
                events,
                at,
                "rawDisconnection",
                reason.label(),
                count - before.getOrDefault(reason, 0L)));
    add(events, at, "packetsIn", null, trafficNow.packetsIn() - traffic.packetsIn());
    add(events, at, "bytesIn", null, trafficNow.bytesIn() - traffic.bytesIn());
    add(events, at, "packetsOut", null, trafficNow.packetsOut() - traffic.packetsOut());
    add(events, at, "bytesOut", null, trafficNow.bytesOut() - traffic.bytesOut());
    return events;
  }

  private static void add(
      List<Map<String, Object>> events,
      long at,
      String type,
      @Nullable String subType,
      long count) {
    if (count > 0) {
      Map<String, Object> event = new LinkedHashMap<>();
      event.put("timestamp", at);
      event.put("type", type);
      if (subType != null) {
        event.put("subType", subType);
      }
      event.put("count", count);
      events.add(event);
    }
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
