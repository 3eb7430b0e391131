package dev.parley.server;

import dev.parley.backend.rocksdb.RocksConfig;
import dev.parley.conversation.run.RunConfig;
import dev.parley.hub.HubConfig;
import dev.parley.toolcall.ToolsConfig;
import dev.parley.transport.TransportConfig;
import dev.parley.wire.durable.DurableConfig;
import dev.parley.wire.durable.subscription.SubscriptionConfig;
import dev.parley.wire.socketio.SocketIoConfig;
import dev.parley.wire.socketio.admin.AdminConfig;
import java.nio.file.Path;
import java.util.List;

/** Everything that can be configured: one record a module. */
record ServerConfig(
    NodeConfig server,
    TransportConfig transport,
    HubConfig hub,
    RocksConfig rocksdb,
    DurableConfig durable,
    SocketIoConfig socketio,
    AdminConfig socketioAdmin,
    SubscriptionConfig webhooks,
    AccessConfig access,
    List<StreamOptions> streams,
    RunConfig runs,
    ToolsConfig tools,
    List<ProviderOptions> providers,
    List<PersonaOptions> personas,
    List<PriceOptions> prices,
    List<BudgetOptions> budgets) {
  static ServerConfig defaults() {
    return new ServerConfig(
        NodeConfig.defaults(),
        TransportConfig.defaults(),
        HubConfig.defaults(),
        RocksConfig.defaults(Path.of("data")),
        DurableConfig.defaults(),
        SocketIoConfig.defaults(),
        AdminConfig.defaults(),
        SubscriptionConfig.defaults(),
        AccessConfig.defaults(),
        List.of(),
        RunConfig.DEFAULT,
        ToolsConfig.defaults(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  ServerConfig {
    streams = List.copyOf(streams);
    providers = List.copyOf(providers);
    personas = List.copyOf(personas);
    prices = List.copyOf(prices);
    budgets = List.copyOf(budgets);
    for (ProviderOptions provider : providers) {
      if (provider.name() == null) {
        throw new IllegalArgumentException("providers[].name: none (expected: a name for each)");
      }
    }
    for (PersonaOptions persona : personas) {
      if (persona.id() == null) {
        throw new IllegalArgumentException("personas[].id: none (expected: a name for each)");
      }
    }
    for (PriceOptions price : prices) {
      if (price.provider() != null
          && providers.stream().noneMatch(it -> price.provider().equals(it.name()))) {
        throw new IllegalArgumentException(
            "prices[].provider: " + price.provider() + " (expected: the name of a provider)");
      }
    }
    for (BudgetOptions budget : budgets) {
      String complaint = budget.complaint();
      if (complaint != null) {
        throw new IllegalArgumentException("budgets[]." + complaint);
      }
    }
    if (socketioAdmin.enabled()
        && socketioAdmin.username() == null
        && !access.hasKeys()
        && !Loopback.isName(transport.host())) {
      throw new IllegalArgumentException(
          "socketio-admin.username: none (expected: one, and a bcrypt-password, since "
              + transport.host()
              + " is no loopback address and there are no keys)");
    }
    if (!access.hasKeys() && !Loopback.isName(transport.host()) && !server.insecure()) {
      throw new IllegalArgumentException(
          "transport.host: "
              + transport.host()
              + " (expected: a loopback address as long as neither access.secret nor access.jwks-url"
              + " is set; --insecure listens there all the same, open to everyone)");
    }
  }
}
