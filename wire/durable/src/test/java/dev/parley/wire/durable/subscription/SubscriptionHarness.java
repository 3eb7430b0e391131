package dev.parley.wire.durable.subscription;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import dev.parley.wire.durable.DurableConfig;
import dev.parley.wire.durable.DurableStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/**
 * A bare server for the published conformance suite: streams in memory and the subscription group,
 * on the port given as the first argument.
 */
public final class SubscriptionHarness {
  private SubscriptionHarness() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    StreamPolicies policies = StreamPolicies.uniform(StreamPolicy.DEFAULT);
    Hub hub =
        new Hub(new MemoryStore(policies, InstantSource.system()), policies, HubConfig.defaults());
    DurableStreams streams =
        new DurableStreams(hub, DurableConfig.defaults(), InstantSource.system());
    Path keys = Files.createTempDirectory("parley").resolve("webhook-keys.json");
    SubscriptionConfig defaults = SubscriptionConfig.defaults();
    SubscriptionConfig config =
        new SubscriptionConfig(
            PrivateTargets.LOOPBACK,
            defaults.maxSubscriptions(),
            defaults.maxStreams(),
            defaults.mailbox(),
            defaults.concurrency(),
            defaults.timeout(),
            null);
    Subscriptions subscriptions = new Subscriptions(hub, config, keys, InstantSource.system());
    HttpServer server =
        HttpServer.start(
            TransportConfig.defaults().withPort(Integer.parseInt(args[0])),
            (request, response) -> {
              if (request.path().startsWith(Views.ROOT)) {
                subscriptions.handle(request, response, Caller.ANYONE);
              } else {
                streams.handle(request, response, Caller.ANYONE);
              }
            });
    System.out.println("listening on " + server.address());
    new CountDownLatch(1).await();
  }
}
