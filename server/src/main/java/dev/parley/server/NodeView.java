package dev.parley.server;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubStats;
import dev.parley.telemetry.Counter;
import dev.parley.telemetry.Exposition;
import dev.parley.telemetry.ExpositionFormat;
import dev.parley.telemetry.Latency;
import dev.parley.telemetry.Stage;
import dev.parley.telemetry.Telemetry;
import dev.parley.transport.Errors;
import dev.parley.transport.HttpServer;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.transport.TransportStats;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The node's health for the console and for scrapers. Read on event loops; {@link #tick} runs on
 * the server's clockwork, which also does the one read of a file.
 */
final class NodeView {
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final long PAGE_BYTES = 4_096;

  private final ServerConfig config;
  private final Hub hub;
  private final TimedStore store;
  private final Telemetry telemetry;
  private final AtomicBoolean draining;
  private final InstantSource clock;
  private final Instant startedAt;
  private volatile @Nullable HttpServer http;
  private volatile long residentBytes = -1;
  private HubStats lastHub = new HubStats(0, 0, 0, 0, 0, 0, 0); // guarded by this
  private TransportStats lastTransport = new TransportStats(0, 0, 0, 0, 0, 0, 0); // guarded by this

  NodeView(
      ServerConfig config,
      Hub hub,
      TimedStore store,
      Telemetry telemetry,
      AtomicBoolean draining,
      InstantSource clock) {
    this.config = config;
    this.hub = hub;
    this.store = store;
    this.telemetry = telemetry;
    this.draining = draining;
    this.clock = clock;
    this.startedAt = clock.instant();
    telemetry.gauge(
        "parley_connections", "", "Connections open.", () -> transportStats().connections());
    telemetry.gauge(
        "parley_followers", "", "Followers, all streams.", () -> hub.stats().followers());
    telemetry.gauge(
        "parley_followers_lagging",
        "",
        "Followers that take nothing until they have drained.",
        () -> hub.stats().lagging());
    telemetry.gauge(
        "parley_streams_live",
        "",
        "Streams with a place in memory.",
        () -> hub.stats().liveStreams());
    telemetry.gauge(
        "parley_ring_bytes", "bytes", "Memory of recent messages.", () -> hub.stats().ringBytes());
    telemetry.gauge("parley_heap_used_bytes", "bytes", "Java heap in use.", NodeView::heapUsed);
    telemetry.gauge(
        "parley_resident_bytes", "bytes", "Memory of the process.", () -> residentBytes);
    telemetry.gauge(
        "parley_last_change", "", "Newest entry of the change feed.", () -> store.lastChange());
    telemetry.gauge(
        "parley_store_full",
        "",
        "1 while appends are refused for want of space.",
        () -> store.full() ? 1 : 0);
    telemetry.gauge(
        "parley_start_time_seconds",
        "seconds",
        "When the node started, since the Unix epoch.",
        () -> startedAt.toEpochMilli() / 1_000.0);
  }

  /** The transport is made last, since it calls those who show it here. */
  void listeningOn(HttpServer server) {
    http = server;
  }

  void tick() {
    residentBytes = resident();
    count();
    telemetry.tick(System.nanoTime());
  }

  /** Takes over what hub and transport counted since the last time. */
  private synchronized void count() {
    HubStats hubNow = hub.stats();
    telemetry.add(Counter.MESSAGES_OUT, hubNow.delivered() - lastHub.delivered());
    telemetry.add(Counter.CATCH_UPS, hubNow.catchUps() - lastHub.catchUps());
    telemetry.add(Counter.OVERRUNS, hubNow.overruns() - lastHub.overruns());
    lastHub = hubNow;
    TransportStats now = transportStats();
    telemetry.add(Counter.REQUESTS, now.requests() - lastTransport.requests());
    telemetry.add(Counter.REQUESTS_REJECTED, now.rejected() - lastTransport.rejected());
    telemetry.add(Counter.CONNECTIONS_REFUSED, now.refused() - lastTransport.refused());
    telemetry.add(Counter.BYTES_RECEIVED, now.bytesIn() - lastTransport.bytesIn());
    telemetry.add(Counter.BYTES_SENT, now.bytesOut() - lastTransport.bytesOut());
    lastTransport = now;
  }

  private TransportStats transportStats() {
    HttpServer server = http;
    return server == null ? new TransportStats(0, 0, 0, 0, 0, 0, 0) : server.stats();
  }

  /** What the console shows. */
  Map<String, Object> state() {
    count();
    long now = System.nanoTime();
    HubStats live = hub.stats();
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("version", Version.text());
    node.put("uptimeSeconds", (clock.millis() - startedAt.toEpochMilli()) / 1_000);
    node.put("startedAt", startedAt.toEpochMilli());
    node.put("connections", transportStats().connections());
    node.put("followers", live.followers());
    node.put("streamsLive", live.liveStreams());
    node.put("messagesInPerSecond", telemetry.perSecond(Counter.MESSAGES_IN, now));
    node.put("messagesOutPerSecond", telemetry.perSecond(Counter.MESSAGES_OUT, now));
    node.put("requestsPerSecond", telemetry.perSecond(Counter.REQUESTS, now));
    node.put("heapUsedBytes", heapUsed());
    node.put("heapMaxBytes", Runtime.getRuntime().maxMemory());
    node.put("rssBytes", residentBytes);
    node.put("lastChange", store.lastChange());
    node.put("insecure", !config.access().hasKeys() && !Loopback.isName(config.transport().host()));
    node.put("draining", draining.get());
    node.put("storeFull", store.full());
    node.put("authRequired", config.access().hasKeys());
    Map<String, Latency> latency = new LinkedHashMap<>();
    for (Stage stage : Stage.values()) {
      latency.put(stage.label(), telemetry.latency(stage));
    }
    node.put("latency", latency);
    return node;
  }

  /** For scrapers; needs the right admin when keys are configured. */
  void metrics(Request request, Response response, Caller caller) {
    if (!caller.mayAdministrate()) {
      Errors.send(response, 403, "forbidden", "the right admin on ** is needed", false);
      return;
    }
    count();
    Exposition exposition =
        telemetry.exposition(ExpositionFormat.negotiate(request.header("accept")));
    response.headers().set("content-type", exposition.contentType());
    response.headers().set("cache-control", "no-store");
    response.headers().add("vary", "Accept");
    response.send(200, Unpooled.wrappedBuffer(exposition.text().getBytes(StandardCharsets.UTF_8)));
  }

  private static long heapUsed() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Linux tells in pages (proc(5)); elsewhere what the JVM committed stands in. */
  private static long resident() {
    try {
      return Long.parseLong(Files.readString(STATM).split(" ", 3)[1]) * PAGE_BYTES;
    } catch (IOException | NumberFormatException e) {
      var memory = ManagementFactory.getMemoryMXBean();
      return memory.getHeapMemoryUsage().getCommitted()
          + memory.getNonHeapMemoryUsage().getCommitted();
    }
  }
}
