package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.function.Supplier;

/** The wire over a real listener, a hub and a store in memory, for tests. */
final class WireServer implements AutoCloseable {
  private final Store store;
  private final Hub hub;
  private final HttpServer server;

  WireServer(int port, DurableConfig config, StreamPolicies policies, Supplier<Caller> caller)
      throws IOException {
    this(port, config, policies, new MemoryStore(policies, InstantSource.system()), caller);
  }

  WireServer(
      int port, DurableConfig config, StreamPolicies policies, Store store, Supplier<Caller> caller)
      throws IOException {
    this.store = store;
    hub = new Hub(store, policies, HubConfig.defaults());
    DurableStreams wire = new DurableStreams(hub, config, InstantSource.system());
    server =
        HttpServer.start(
            TransportConfig.defaults().withPort(port),
            (request, response) -> {
              if (request.method().equals("OPTIONS")) { // the server's part, as little as it takes
                response
                    .headers()
                    .set("access-control-allow-headers", DurableStreams.ALLOWED_HEADERS);
                response.send(204, Unpooled.EMPTY_BUFFER);
              } else {
                wire.handle(request, response, caller.get());
              }
            });
  }

  static WireServer start(DurableConfig config) throws IOException {
    return new WireServer(
        0, config, StreamPolicies.uniform(StreamPolicy.DEFAULT), () -> Caller.ANYONE);
  }

  URI uri(String pathAndQuery) {
    return URI.create(
        "http://127.0.0.1:" + server.address().getPort() + DurableStreams.PREFIX + pathAndQuery);
  }

  Hub hub() {
    return hub;
  }

  Store store() {
    return store;
  }

  @Override
  public void close() {
    server.close();
    hub.close();
    store.close();
  }

  /** Serves until it is killed, for the published suite. */
  public static void main(String[] arguments) throws Exception {
    try (WireServer _ =
        new WireServer(
            Integer.parseInt(arguments[0]),
            DurableConfig.defaults(),
            StreamPolicies.uniform(StreamPolicy.DEFAULT),
            () -> Caller.ANYONE)) {
      Thread.currentThread().join();
    }
  }
}
