package dev.parley.server;

import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.budget.Accounts;
import dev.parley.conversation.budget.Ledger;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Provider;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Models;
import dev.parley.conversation.run.Roster;
import dev.parley.conversation.run.ToolBackend;
import dev.parley.conversation.run.ToolOutcome;
import dev.parley.hub.Hub;
import dev.parley.provider.ApiKey;
import dev.parley.provider.Dialect;
import dev.parley.provider.EndpointProvider;
import dev.parley.provider.Fallback;
import dev.parley.provider.ResilienceConfig;
import dev.parley.provider.ResilientProvider;
import dev.parley.provider.anthropic.Messages;
import dev.parley.provider.cache.CachingProvider;
import dev.parley.provider.cache.ReplyCache;
import dev.parley.provider.http.Upstream;
import dev.parley.provider.openai.ChatCompletions;
import dev.parley.provider.openai.ChatOptions;
import dev.parley.provider.openai.Responses;
import dev.parley.provider.scripted.Demonstration;
import dev.parley.provider.scripted.Pace;
import dev.parley.provider.scripted.ScriptedProvider;
import dev.parley.telemetry.Labels;
import dev.parley.telemetry.Telemetry;
import dev.parley.toolcall.HttpToolBackend;
import dev.parley.transport.EventLoops;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Who answers in conversations, put together from the configuration. Safe on any thread. */
final class Answering implements Models {
  static final String NO_MODEL = "scripted";
  private static final String DEFAULT_PERSONA = "parley";
  private static final long CACHE_BYTES = 32L << 20;

  private final EventLoops loops;
  private final Roster roster;
  private final ReplyCache cache = new ReplyCache(CACHE_BYTES);
  private final Map<String, Upstream> upstreams;
  private final String usual;
  private final Ledger ledger;

  private Answering(
      EventLoops loops,
      Roster roster,
      Map<String, Upstream> upstreams,
      String usual,
      Ledger ledger) {
    this.loops = loops;
    this.roster = roster;
    this.ledger = ledger;
    this.upstreams = Map.copyOf(upstreams);
    this.usual = usual;
  }

  /**
   * Blocks while it reads.
   *
   * @param opened gets what has to be closed
   * @throws ConfigException when a key cannot be read
   */
  static Answering open(
      ServerConfig config,
      Hub hub,
      EventLoops loops,
      Telemetry telemetry,
      List<AutoCloseable> opened) {
    Map<String, Upstream> upstreams = new LinkedHashMap<>();
    Map<String, MeasuredProvider> alone = new LinkedHashMap<>();
    Map<String, ProviderOptions> byName = new LinkedHashMap<>();
    for (ProviderOptions options : config.providers()) {
      String name = String.valueOf(options.name());
      byName.put(name, options);
      alone.put(name, measured(provider(name, options, loops, upstreams), telemetry));
    }
    if (byName.isEmpty()) {
      byName.put(NO_MODEL, ProviderOptions.defaults());
      alone.put(NO_MODEL, measured(scripted(NO_MODEL, loops), telemetry));
    }
    upstreams.values().forEach(opened::add);
    Map<String, Roster.Source> sources = new LinkedHashMap<>();
    byName.forEach((name, options) -> {
      List<Fallback> chain = new ArrayList<>();
      chain.add(new Fallback(provider(alone, name), ""));
      for (String next : options.fallback()) {
        ProviderOptions other = byName.get(next);
        String model = other == null ? null : other.model();
        chain.add(new Fallback(provider(alone, next), model == null ? "" : model));
      }
      sources.put(
          name,
          new Roster.Source(
              new ResilientProvider(name, chain, ResilienceConfig.DEFAULT, loops.group().next()),
              new Slots(name, options.slots(), loops.group().next())));
    });
    Roster roster = Roster.open(hub, sources);
    List<Persona> personas = personas(config, byName);
    for (Persona persona : personas) {
      var _ = roster.put(persona).join();
    }
    Ledger ledger =
        Ledger.open(
            hub,
            PriceOptions.list(config.prices()),
            BudgetOptions.all(config.budgets()),
            InstantSource.system());
    Answering answering =
        new Answering(loops, roster, upstreams, personas.getFirst().ref().id(), ledger);
    answering.show(new ReplyMetrics(telemetry), List.copyOf(alone.values()));
    return answering;
  }

  private static MeasuredProvider measured(Provider provider, Telemetry telemetry) {
    return new MeasuredProvider(
        provider,
        telemetry.durations(
            "parley_provider_first_token_seconds",
            "From asking a provider to the first piece of its reply.",
            Labels.of("provider", provider.name())));
  }

  private void show(ReplyMetrics metrics, List<MeasuredProvider> providers) {
    metrics.showProviders(providers);
    metrics.showUpstreams(upstreams);
    metrics.showCache(cache);
    metrics.showSources(roster.sources());
  }

  private static Provider provider(Map<String, MeasuredProvider> all, String name) {
    Provider provider = all.get(name);
    if (provider == null) {
      throw new ConfigException(
          List.of("providers[].fallback: " + name + " (expected: one of " + all.keySet() + ")"));
    }
    return provider;
  }

  private static Provider provider(
      String name, ProviderOptions options, EventLoops loops, Map<String, Upstream> upstreams) {
    URI url = options.url();
    if (url == null) {
      return scripted(name, loops);
    }
    Upstream upstream = new Upstream(options.upstream(url), loops.group());
    upstreams.put(name, upstream);
    return new EndpointProvider(name, dialect(options), upstream, key(options), options.endpoint());
  }

  private static Provider scripted(String name, EventLoops loops) {
    return new ScriptedProvider(name, new Demonstration(), Pace.DEFAULT, () -> current(loops));
  }

  /** The loop that asks, or any. */
  private static EventLoop current(EventLoops loops) {
    for (EventLoop loop : loops.all()) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    return loops.group().next();
  }

  private static Dialect dialect(ProviderOptions options) {
    return switch (options.dialect()) {
      case OPENAI ->
          new ChatCompletions(ChatOptions.OPENAI.withContinuation(options.continuation()));
      case OPENAI_COMPATIBLE ->
          new ChatCompletions(ChatOptions.COMPATIBLE.withContinuation(options.continuation()));
      case OPENAI_RESPONSES -> new Responses();
      case ANTHROPIC -> new Messages(options.continuation() != ChatOptions.Continuation.NONE);
      case SCRIPTED -> throw new IllegalArgumentException("scripted: speaks no protocol");
    };
  }

  private static ApiKey key(ProviderOptions options) {
    String variable = options.keyEnv();
    if (variable != null) {
      String value = System.getenv(variable);
      if (value == null || value.isBlank()) {
        throw new ConfigException(
            List.of("providers[].key-env: " + variable + " is not set (expected: a key in it)"));
      }
      return ApiKey.of(value);
    }
    try {
      return options.keyFile() == null
          ? ApiKey.NONE
          : ApiKey.of(Files.readString(options.keyFile()));
    } catch (IOException e) {
      throw new ConfigException(
          List.of("providers[].key-file: " + options.keyFile() + " (expected: a readable file)"));
    }
  }

  private static List<Persona> personas(
      ServerConfig config, Map<String, ProviderOptions> providers) {
    if (!config.personas().isEmpty()) {
      return config.personas().stream().map(PersonaOptions::persona).toList();
    }
    Map.Entry<String, ProviderOptions> first = providers.entrySet().iterator().next();
    String model = first.getValue().model();
    return List.of(
        new Persona(
            new PersonaRef(DEFAULT_PERSONA, 1),
            "Parley",
            "",
            model == null ? NO_MODEL : model,
            first.getKey(),
            Parameters.NONE,
            List.of(),
            null,
            0));
  }

  /** Begins to work; what an earlier life of the server left is taken up. */
  Conversations converse(ServerConfig config, Hub hub, List<AutoCloseable> opened) {
    ToolBackend tools = call -> CompletableFuture.completedFuture(new ToolOutcome.Pending());
    if (config.tools().url() != null) {
      HttpToolBackend backend = new HttpToolBackend(config.tools());
      opened.add(backend);
      tools = backend;
    }
    Conversations conversations =
        new Conversations(
            hub,
            loops.all(),
            config.runs(),
            ConversationLimits.DEFAULT,
            this,
            tools,
            InstantSource.system());
    opened.add(conversations);
    return conversations;
  }

  Roster roster() {
    return roster;
  }

  Ledger ledger() {
    return ledger;
  }

  /** What is known of a provider, in a word. */
  String stateOf(String provider) {
    return provider.equals(NO_MODEL) && !upstreams.containsKey(provider) ? NO_MODEL : "ready";
  }

  /** Who answers those who name nobody: the first persona that is configured. */
  String usual() {
    return usual;
  }

  /** By the name of their provider. */
  Map<String, Upstream> upstreams() {
    return upstreams;
  }

  @Override
  public @Nullable Persona persona(PersonaRef ref) {
    return roster.persona(ref);
  }

  @Override
  public @Nullable Persona newest(String persona) {
    return roster.newest(persona);
  }

  @Override
  public @Nullable Provider provider(Persona persona) {
    Provider provider = roster.provider(persona);
    return provider == null || persona.cacheSeconds() == 0
        ? provider
        : new CachingProvider(
            provider, cache, Duration.ofSeconds(persona.cacheSeconds()), () -> current(loops));
  }

  @Override
  public @Nullable Slots slots(Persona persona) {
    return roster.slots(persona);
  }

  @Override
  public Accounts accounts() {
    return ledger;
  }
}
