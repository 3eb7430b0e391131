package dev.parley.wire.openai;

import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.budget.Budget;
import dev.parley.conversation.budget.Budgets;
import dev.parley.conversation.budget.Ledger;
import dev.parley.conversation.budget.PriceList;
import dev.parley.conversation.budget.Span;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.run.Accounted;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import dev.parley.conversation.run.RunConfig;
import dev.parley.conversation.run.ToolOutcome;
import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.provider.scripted.Pace;
import dev.parley.provider.scripted.Script;
import dev.parley.provider.scripted.ScriptedProvider;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The wire over a real listener, with personas whose model says what it is asked to, for tests.
 * Like a server with keys it wants a token, whose name is the person: {@code Bearer ada}.
 */
final class OpenAiServer implements AutoCloseable {
  /** Has nothing to spend. */
  static final String POOR = "poor";

  /** Every prompt that the model was asked with. */
  final ConcurrentLinkedQueue<Prompt> prompts = new ConcurrentLinkedQueue<>();

  private final Store store;
  private final int port;
  Hub hub;
  Conversations conversations;
  private List<ScheduledExecutorService> loops = List.of();
  private HttpServer server;

  OpenAiServer(int port) throws IOException {
    this.store =
        new MemoryStore(StreamPolicies.uniform(StreamPolicy.DEFAULT), InstantSource.system());
    hub = new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), HubConfig.defaults());
    loops = loops();
    Roster roster = roster();
    conversations = conversations(roster);
    server = serve(port, roster);
    this.port = server.address().getPort();
  }

  private static List<ScheduledExecutorService> loops() {
    return List.of(
        Executors.newSingleThreadScheduledExecutor(), Executors.newSingleThreadScheduledExecutor());
  }

  private Roster roster() {
    Roster roster =
        Roster.open(
            hub,
            Map.of(
                "fast", new Roster.Source(provider("fast", Pace.AT_ONCE), null),
                "slow",
                    new Roster.Source(
                        provider("slow", new Pace(Duration.ofMillis(10), 50)), null)));
    for (String name : List.of("fast", "slow")) {
      var _ =
          roster
              .put(
                  new Persona(
                      new PersonaRef(name, 1),
                      "The " + name + " one",
                      "You are " + name + ".",
                      "scripted-1",
                      name,
                      Parameters.NONE,
                      List.of(new Persona.Tool("weather", "The weather.", "{}", false)),
                      null,
                      0))
              .join();
    }
    return roster;
  }

  private Conversations conversations(Roster roster) {
    return new Conversations(
        hub,
        loops,
        RunConfig.DEFAULT,
        ConversationLimits.DEFAULT,
        new Accounted(roster, ledger()),
        _ -> CompletableFuture.completedFuture(new ToolOutcome.Result("\"sunny\"")),
        InstantSource.system());
  }

  private Ledger ledger() {
    Budget nothing = new Budget(Span.Length.DAY, 0, null);
    Budgets budgets = new Budgets(List.of(), Map.of(POOR, List.of(nothing)), List.of(), Map.of());
    return Ledger.open(hub, PriceList.FREE, budgets, InstantSource.system());
  }

  private HttpServer serve(int at, Roster roster) throws IOException {
    OpenAi wire = new OpenAi(hub, conversations, roster, InstantSource.system());
    return HttpServer.start(
        TransportConfig.defaults().withPort(at),
        (request, response) -> {
          String token = request.header("authorization");
          if (token == null || !token.startsWith("Bearer ") || token.endsWith("wrong")) {
            OpenAi.refuseToken(response, "access token: unknown");
          } else if (OpenAi.isFor(request.path())) {
            wire.handle(request, response, new Named(token.substring(7)));
          }
        });
  }

  /** What is generated ends as in a crash; another life of the server begins on the same store. */
  void restart() throws IOException {
    server.close();
    loops.forEach(ScheduledExecutorService::shutdownNow);
    loops.forEach(ScheduledExecutorService::close); // the dead write nothing any more
    hub.close();
    hub = new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), HubConfig.defaults());
    loops = loops();
    Roster roster = roster();
    conversations = conversations(roster);
    var _ = conversations.recover().orTimeout(20, TimeUnit.SECONDS).join();
    server = serve(port, roster);
  }

  /** The stream of a run expires. */
  void expire(String run) {
    var _ = hub.delete(ConversationPaths.run(run)).join();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private ScriptedProvider provider(String name, Pace pace) {
    return new ScriptedProvider(
        name,
        prompt -> {
          prompts.add(prompt);
          return script(prompt);
        },
        pace,
        () -> loops.getFirst());
  }

  /** What was said last decides what is answered. */
  private static Script script(Prompt prompt) {
    var last = prompt.turns().getLast();
    if (last.role() == PromptRole.TOOL) {
      String json =
          last.parts().getFirst() instanceof TurnPart.ToolResult result ? result.json() : "?";
      return Script.says("The tool says " + json + ".");
    }
    String said =
        last.parts().stream()
            .map(part -> part instanceof TurnPart.Text(String text, String _) ? text : "")
            .reduce("", String::concat);
    if (said.startsWith("count to ")) {
      StringBuilder numbers = new StringBuilder("1");
      for (int i = 2; i <= Integer.parseInt(said.substring(9)); i++) {
        numbers.append(' ').append(i);
      }
      return Script.says(numbers.toString());
    }
    return switch (said) {
      case "call" ->
          Script.calls("call_1", prompt.tools().getFirst().name(), "{\"city\":\"Oslo\"}");
      case "think" -> Script.thinks("Let me see.", "Here it is.");
      case "limit" ->
          Script.says("").failing(Failure.of(Failure.Code.RATE_LIMITED, "too many requests"));
      case "break" ->
          Script.says("So far").failing(Failure.of(Failure.Code.BAD_REQUEST, "no more"));
      default -> Script.says("You said: " + said);
    };
  }

  @Override
  public void close() {
    server.close();
    conversations.close();
    loops.forEach(ScheduledExecutorService::shutdownNow);
    hub.close();
    store.close();
  }

  private record Named(String subject) implements Caller {
    @Override
    public boolean may(Right right, StreamPath path) {
      return false;
    }

    @Override
    public boolean mayAdministrate() {
      return false;
    }

    @Override
    public @Nullable String subject() {
      return subject;
    }

    @Override
    public long expiresAt() {
      return Long.MAX_VALUE;
    }
  }

  /** Serves until its input ends; restarts what it serves on each line. For stock clients. */
  public static void main(String[] arguments) throws Exception {
    try (OpenAiServer server = new OpenAiServer(0);
        PrintStream out =
            new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out),
                true,
                StandardCharsets.UTF_8)) {
      out.println(server.uri(""));
      while (System.in.read() >= 0) {
        server.restart();
        out.println("restarted");
      }
    }
  }
}
