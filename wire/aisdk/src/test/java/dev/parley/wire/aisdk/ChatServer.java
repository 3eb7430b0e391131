package dev.parley.wire.aisdk;

import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Provider;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Models;
import dev.parley.conversation.run.RunConfig;
import dev.parley.conversation.run.ToolOutcome;
import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.provider.scripted.Demonstration;
import dev.parley.provider.scripted.Pace;
import dev.parley.provider.scripted.ScriptedProvider;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The wire over a real listener, with one persona whose model is what the test says. Its tools:
 * {@code weather} answers at once, {@code buy} needs approval, {@code where} is the page's.
 */
final class ChatServer implements AutoCloseable {
  private static final PersonaRef GUIDE = new PersonaRef("guide", 1);

  final MemoryStore store = new MemoryStore();
  final Hub hub =
      new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), HubConfig.defaults());
  final Conversations conversations;
  private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
  private final HttpServer server;

  ChatServer(int port, Function<ScheduledExecutorService, Provider> model) throws IOException {
    Models models = new Cast(model.apply(loop));
    conversations =
        new Conversations(
            hub,
            List.of(loop),
            RunConfig.DEFAULT,
            ConversationLimits.DEFAULT,
            models,
            call ->
                CompletableFuture.completedFuture(
                    call.name().equals("where")
                        ? new ToolOutcome.Pending()
                        : new ToolOutcome.Result("{\"" + call.name() + "\":\"done\"}")),
            InstantSource.system());
    AiSdk wire =
        new AiSdk(
            hub,
            conversations,
            models,
            AiSdkConfig.defaults().withPersona("guide").withClientTools(Set.of("where")),
            InstantSource.system());
    server =
        HttpServer.start(
            TransportConfig.defaults().withPort(port),
            (request, response) -> {
              if (request.path().startsWith(AiSdk.PREFIX)) {
                wire.handle(request, response, Caller.ANYONE);
              } else {
                response.send(404, Unpooled.EMPTY_BUFFER);
              }
            });
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
  }

  @Override
  public void close() {
    server.close();
    conversations.close();
    loop.shutdownNow();
    hub.close();
    store.close();
  }

  /** Serves until it is killed: tokens a second, a port. */
  public static void main(String[] arguments) throws Exception {
    Pace pace = new Pace(Duration.ofMillis(100), Double.parseDouble(arguments[0]));
    try (ChatServer _ =
        new ChatServer(
            Integer.parseInt(arguments[1]),
            loop -> new ScriptedProvider("scripted", new Demonstration(), pace, () -> loop))) {
      Thread.currentThread().join();
    }
  }

  private record Cast(Provider model) implements Models {
    private static final Persona PERSONA =
        new Persona(
            GUIDE,
            "Guide",
            "You guide.",
            "scripted-1",
            "scripted",
            Parameters.NONE,
            List.of(
                new Persona.Tool("weather", "The weather.", "{}", false),
                new Persona.Tool("buy", "Buys.", "{}", true),
                new Persona.Tool("where", "Where the person is.", "{}", false)),
            null,
            0);

    @Override
    public @Nullable Persona persona(PersonaRef ref) {
      return ref.equals(GUIDE) ? PERSONA : null;
    }

    @Override
    public @Nullable Persona newest(String persona) {
      return persona.equals("guide") ? PERSONA : null;
    }

    @Override
    public Provider provider(Persona persona) {
      return model;
    }

    @Override
    public @Nullable Slots slots(Persona persona) {
      return null;
    }
  }
}
