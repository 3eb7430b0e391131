package dev.parley.conversation.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command;
import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.RunState;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.budget.Accounts;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Provider;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A room with Ada and a persona whose model the test is. The test's thread. */
final class Stage implements AutoCloseable {
  static final PersonaRef GUIDE = new PersonaRef("guide", 1);

  final Store store;
  @Nullable Slots slots; // any number at once
  volatile Accounts accounts = Accounts.NONE;
  volatile Duration ahead = Duration.ZERO; // of the real time
  final InstantSource clock = () -> Instant.now().plus(ahead);
  final Puppet model = new Puppet();
  final List<ToolCall> called = new ArrayList<>(); // guarded by itself
  final CompletableFuture<ToolOutcome> toolAnswers = new CompletableFuture<>();
  Hub hub;
  Conversations conversations;
  private List<ScheduledExecutorService> loops = List.of();
  private int names;

  Stage() {
    this(new MemoryStore());
  }

  Stage(Store store) {
    this.store = store;
    this.hub = hub();
    this.conversations = begin();
  }

  private Hub hub() {
    return new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), HubConfig.defaults());
  }

  private Conversations begin() {
    loops =
        List.of(
            Executors.newSingleThreadScheduledExecutor(),
            Executors.newSingleThreadScheduledExecutor());
    return new Conversations(
        hub,
        loops,
        new RunConfig(
            Duration.ofMillis(40),
            Duration.ofMillis(100),
            64 << 10,
            Duration.ofMinutes(10),
            Duration.ofMillis(50),
            Duration.ofHours(1)),
        ConversationLimits.DEFAULT,
        new Cast(),
        call -> {
          synchronized (called) {
            called.add(call);
          }
          return toolAnswers;
        },
        clock);
  }

  /** What is generated ends as in a crash; another life of the server begins on the same store. */
  void restart() {
    stop();
    hub = hub();
    conversations = begin();
    assertThat(get(conversations.recover())).isNotNegative();
  }

  private void stop() {
    loops.forEach(ScheduledExecutorService::shutdownNow);
    loops.forEach(ScheduledExecutorService::close); // the dead write nothing any more
    hub.close();
  }

  @Override
  public void close() {
    conversations.close();
    stop();
    store.close();
  }

  /** A store whose appends the test may hold back. */
  static Store appending(
      BiFunction<Append, Supplier<CompletableFuture<AppendResult>>, CompletableFuture<AppendResult>>
          how) {
    MemoryStore store = new MemoryStore();
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (_, method, arguments) ->
                method.getName().equals("append")
                    ? how.apply(
                        (Append) arguments[1],
                        () -> store.append((StreamPath) arguments[0], (Append) arguments[1]))
                    : method.invoke(store, arguments));
  }

  static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(20, TimeUnit.SECONDS).join();
  }

  Answer submit(String conversation, Command command) {
    return get(conversations.submit(conversation, command));
  }

  Answer.Done done(String conversation, Command command) {
    Answer answer = submit(conversation, command);
    assertThat(answer).isInstanceOf(Answer.Done.class);
    return (Answer.Done) answer;
  }

  /** A conversation of Ada's. */
  String room() {
    String name = "room-" + ++names;
    done(name, new Command.Create(name, "ada", "Plans", GUIDE));
    return name;
  }

  /** Ada says something and wants a reply; gives the run. */
  String ask(String conversation, String text) {
    String run = "run-" + ++names;
    done(conversation, say(text, new Command.Ask(run)));
    return run;
  }

  Command.Say say(String text, Command.@Nullable Ask ask) {
    return new Command.Say(
        "ada", "main", "turn-" + ++names, null, false, List.of(new TurnPart.Text(text)), ask);
  }

  RunState state(String conversation, String run) {
    return get(
        conversations.view(
            conversation, it -> java.util.Objects.requireNonNull(it.run(run)).state()));
  }

  void awaitState(String conversation, String run, Class<? extends RunState> expected) {
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(state(conversation, run)).isInstanceOf(expected));
  }

  /** The texts of the turns of the main branch, with who said them. */
  List<String> transcript(String conversation) {
    return get(
        conversations.view(
            conversation,
            it ->
                java.util.Objects.requireNonNull(it.branch("main")).turns().stream()
                    .map(turn -> (turn.ai() ? "ai: " : "") + turn.text())
                    .toList()));
  }

  /** The messages of a stream. */
  List<JsonNode> stream(StreamPath path) {
    return get(hub.store().read(path, 0, 10_000, 1 << 24)).orElseThrow().messages().stream()
        .map(message -> RunJson.read(message.bytes()))
        .toList();
  }

  List<JsonNode> runStream(String run) {
    return stream(ConversationPaths.run(run));
  }

  /** What a follower of a run has read. */
  String shown(String run) {
    StringBuilder text = new StringBuilder();
    runStream(run).forEach(message -> text.append(message.path("text").asString("")));
    return text.toString();
  }

  void awaitShown(String run, String expected) {
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(shown(run)).isEqualTo(expected));
  }

  /** The last message of a run's stream, which is closed by it. */
  JsonNode end(String run) {
    StreamPath path = ConversationPaths.run(run);
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(20))
        .until(() -> get(hub.store().head(path)).orElseThrow().closed());
    return runStream(run).getLast();
  }

  void append(StreamPath path, String json) {
    var _ =
        get(hub.append(path, dev.parley.stream.Append.of(json.getBytes(StandardCharsets.UTF_8))));
  }

  /** The persona and its model. */
  private final class Cast implements Models {
    private final Persona guide =
        new Persona(
            GUIDE,
            "Guide",
            "You guide.",
            "puppet-1",
            "puppet",
            Parameters.NONE,
            List.of(
                new Persona.Tool("weather", "The weather.", "{}", false),
                new Persona.Tool("buy", "Buys.", "{}", true)),
            null,
            0);

    @Override
    public @Nullable Persona persona(PersonaRef ref) {
      return ref.equals(GUIDE) ? guide : null;
    }

    @Override
    public @Nullable Persona newest(String persona) {
      return persona.equals("guide") ? guide : null;
    }

    @Override
    public Provider provider(Persona persona) {
      return model;
    }

    @Override
    public @Nullable Slots slots(Persona persona) {
      return slots;
    }

    @Override
    public Accounts accounts() {
      return accounts;
    }
  }
}
