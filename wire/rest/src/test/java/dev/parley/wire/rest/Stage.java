package dev.parley.wire.rest;

import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.budget.Budgets;
import dev.parley.conversation.budget.Ledger;
import dev.parley.conversation.budget.PriceList;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Provider;
import dev.parley.conversation.request.Rooms;
import dev.parley.conversation.run.Accounted;
import dev.parley.conversation.run.ConversationIndex;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import dev.parley.conversation.run.RunConfig;
import dev.parley.conversation.run.ToolBackend;
import dev.parley.conversation.run.ToolOutcome;
import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.Errors;
import dev.parley.transport.EventLoops;
import dev.parley.transport.Handler;
import dev.parley.transport.HttpServer;
import dev.parley.transport.Request;
import dev.parley.transport.TransportConfig;
import dev.parley.transport.TransportObserver;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The wire over a real listener, with conversations on a store in memory, for tests. */
final class Stage implements AutoCloseable {
  private final Store store;
  private final EventLoops loops;
  final Hub hub;
  final Conversations conversations;
  final ConversationIndex index;
  final Roster roster;
  final RestWire wire;
  private final HttpServer server;

  /** What is different from one to the other. */
  static final class Setting {
    int port;
    Store store = new MemoryStore();
    Handler elsewhere =
        (_, response) -> Errors.send(response, 404, "not_found", "no such address", false);
    RestConfig rest = RestConfig.DEFAULT;
    RunConfig runs = RunConfig.DEFAULT;
    ToolBackend tools = _ -> CompletableFuture.completedFuture(new ToolOutcome.Pending());
    java.util.function.Function<EventLoops, Map<String, Provider>> providers = _ -> Map.of();
    List<Persona> personas = List.of();
    PriceList prices = PriceList.FREE;
    Budgets budgets = Budgets.NONE;
  }

  Stage(Setting setting) throws IOException {
    store = setting.store;
    StreamPolicies policies = StreamPolicies.uniform(StreamPolicy.DEFAULT);
    TransportConfig transport = TransportConfig.defaults().withPort(setting.port);
    loops = EventLoops.start(transport);
    hub = new Hub(store, policies, HubConfig.defaults());
    Map<String, Roster.Source> sources = new HashMap<>();
    setting
        .providers
        .apply(loops)
        .forEach((name, provider) -> sources.put(name, new Roster.Source(provider, null)));
    roster = Roster.open(hub, sources);
    setting.personas.forEach(persona -> roster.put(persona).join());
    index = ConversationIndex.open(hub);
    InstantSource clock = InstantSource.system();
    Ledger ledger = Ledger.open(hub, setting.prices, setting.budgets, clock);
    conversations =
        new Conversations(
            hub,
            loops.all(),
            setting.runs,
            ConversationLimits.DEFAULT,
            new Accounted(roster, ledger),
            setting.tools,
            clock);
    wire =
        new RestWire(
            hub,
            conversations,
            index,
            roster,
            ledger,
            new Rooms(index),
            _ -> "ready",
            setting.rest,
            clock);
    server =
        HttpServer.start(
            transport,
            loops,
            (request, response) -> {
              if (RestWire.answers(request.path())) {
                wire.handle(request, response, caller(request));
              } else {
                setting.elsewhere.handle(request, response);
              }
            },
            TransportObserver.NONE);
  }

  /** A bearer is a person with a token; {@code admin} may do everything, {@code app} append. */
  private static Caller caller(Request request) {
    String authorization = request.header("authorization");
    return authorization == null || !authorization.startsWith("Bearer ")
        ? Caller.ANYONE
        : new Bearer(authorization.substring(7));
  }

  private record Bearer(String name) implements Caller {
    @Override
    public boolean may(Right right, StreamPath path) {
      return mayAdministrate() || (name.equals("app") && right == Right.APPEND);
    }

    @Override
    public boolean mayAdministrate() {
      return name.equals("admin");
    }

    @Override
    public @Nullable String subject() {
      return name.equals("nobody") ? "" : name;
    }

    @Override
    public long expiresAt() {
      return name.equals("brief") ? System.currentTimeMillis() + 500 : Long.MAX_VALUE;
    }
  }

  static Persona persona(String id, String provider, Persona.Tool... tools) {
    return new Persona(
        new PersonaRef(id, 1),
        id.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + id.substring(1),
        "You are " + id + ".",
        provider + "-1",
        provider,
        Parameters.NONE,
        List.of(tools),
        null,
        0);
  }

  static RunConfig quickRuns() {
    return new RunConfig(
        Duration.ofMillis(40),
        Duration.ofMillis(100),
        64 << 10,
        Duration.ofMinutes(10),
        Duration.ofSeconds(1),
        Duration.ofHours(1));
  }

  int port() {
    return server.address().getPort();
  }

  /** Ends all but the store, which another stage may go on with. */
  void stop() {
    server.close();
    conversations.close();
    index.close();
    loops.close();
    hub.close();
  }

  @Override
  public void close() {
    stop();
    store.close();
  }
}
