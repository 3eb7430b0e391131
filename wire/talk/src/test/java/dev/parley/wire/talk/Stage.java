package dev.parley.wire.talk;

import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.request.Rooms;
import dev.parley.conversation.run.ConversationIndex;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Puppet;
import dev.parley.conversation.run.Roster;
import dev.parley.conversation.run.RunConfig;
import dev.parley.conversation.run.ToolOutcome;
import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.EventLoops;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import dev.parley.transport.TransportObserver;
import dev.parley.wire.socketio.Identity;
import dev.parley.wire.socketio.SocketIoConfig;
import dev.parley.wire.socketio.SocketIoServer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The wire over a real listener, with conversations on a store in memory and the test as model. */
final class Stage implements AutoCloseable {
  final Puppet model = new Puppet();
  final TalkWire wire;
  final Hub hub;
  private final MemoryStore store = new MemoryStore();
  private final EventLoops loops;
  private final Conversations conversations;
  private final ConversationIndex index;
  private final SocketIoServer io;
  private final HttpServer server;

  /**
   * @param keyed whether tokens are names of people
   */
  Stage(boolean keyed) throws IOException {
    TransportConfig transport = TransportConfig.defaults().withPort(0);
    loops = EventLoops.start(transport);
    hub = new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), HubConfig.defaults());
    Roster roster = Roster.open(hub, Map.of("puppet", new Roster.Source(model, null)));
    for (String id : List.of("guide", "poet")) {
      var _ =
          roster
              .put(
                  new Persona(
                      new PersonaRef(id, 1),
                      id,
                      "You are " + id + ".",
                      "puppet-1",
                      "puppet",
                      Parameters.NONE,
                      List.of(
                          new Persona.Tool("weather", "Weather.", "{}", false),
                          new Persona.Tool("buy", "Buys.", "{}", true)),
                      null,
                      0))
              .join();
    }
    index = ConversationIndex.open(hub);
    conversations =
        new Conversations(
            hub,
            loops.all(),
            RunConfig.DEFAULT,
            ConversationLimits.DEFAULT,
            roster,
            _ -> CompletableFuture.completedFuture(new ToolOutcome.Pending()),
            InstantSource.system());
    Identity bearer = token -> CompletableFuture.completedFuture(new Bearer(token));
    io = new SocketIoServer(SocketIoConfig.defaults(), hub, keyed ? bearer : null);
    wire = new TalkWire(io, hub, conversations, index, roster, new Rooms(index));
    server = HttpServer.start(transport, loops, io::handle, TransportObserver.NONE);
  }

  /** {@code admin} may do everything, {@code app} append. */
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
      return Long.MAX_VALUE;
    }
  }

  int port() {
    return server.address().getPort();
  }

  @Override
  public void close() {
    io.close();
    server.close();
    conversations.close();
    index.close();
    loops.close();
    hub.close();
    store.close();
  }
}
