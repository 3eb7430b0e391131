package dev.parley.wire.talk;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.request.Access;
import dev.parley.conversation.request.Asker;
import dev.parley.conversation.request.Body;
import dev.parley.conversation.request.ConversationRequests;
import dev.parley.conversation.request.PersonaViews;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.conversation.request.Rooms;
import dev.parley.conversation.request.RunRequests;
import dev.parley.conversation.request.Snapshot;
import dev.parley.conversation.request.TurnRequests;
import dev.parley.conversation.run.ConversationIndex;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import dev.parley.hub.Hub;
import dev.parley.socketio.Ack;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import dev.parley.stream.Quotable;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.talk.Following.Opened;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Conversations, runs and personas in the namespace {@value #NAMESPACE} of Socket.IO, as
 * events.d.ts of this module describes them. Stateless but for who is there; handlers run on the
 * event loop of the connection and never block.
 */
public final class TalkWire {
  /** Where clients connect to. */
  public static final String NAMESPACE = "/conversations";

  private final SocketIoServer io;
  private final Rooms rooms;
  private final Access access;
  private final Map<String, Handler> handlers = new LinkedHashMap<>();

  /**
   * Answers an event with JSON, with {@link Opened}, or with nothing to say but that it is done.
   */
  @FunctionalInterface
  private interface Handler {
    CompletableFuture<?> answer(Guest guest, Request request);
  }

  /** Something that is asked of a conversation or a run. */
  @FunctionalInterface
  private interface Named {
    CompletableFuture<?> answer(Asker asker, String name, Body body);
  }

  /** Something that is asked of a turn. */
  @FunctionalInterface
  private interface OfTurn {
    CompletableFuture<?> answer(Asker asker, String conversation, String turn, Body body);
  }

  /**
   * Lets clients connect from now on.
   *
   * @param rooms who is where, by whatever wire
   */
  public TalkWire(
      SocketIoServer io,
      Hub hub,
      Conversations conversations,
      ConversationIndex index,
      Roster roster,
      Rooms rooms) {
    this.io = io;
    this.rooms = rooms;
    this.access = new Access(conversations);
    RunRequests runs = new RunRequests(hub, conversations, access);
    handleConversations(new ConversationRequests(conversations, index, roster, access));
    handleTurns(new TurnRequests(conversations, roster, access));
    handleRuns(runs);
    handleFollowing(new Following(access, runs, new Snapshot(roster)));
    PersonaViews personas = new PersonaViews(roster);
    handlers.put(
        "persona:list",
        (guest, request) -> {
          var _ = request.only(0);
          return CompletableFuture.completedFuture(personas.all(guest.asker().caller()));
        });
    Namespace namespace = io.ofUnkept(NAMESPACE);
    namespace.handleOn(Namespace.HandlerThreads.EVENT_LOOP);
    namespace.use(TalkWire::requirePerson);
    namespace.onConnection(this::onConnection);
  }

  private void handleConversations(ConversationRequests conversations) {
    handlers.put(
        "conversation:list",
        (guest, request) -> {
          Body body = request.body(0).only("archived", "limit");
          int all = ConversationRequests.MOST_LINES;
          return conversations.list(
              guest.asker(), body.flag("archived", false), body.count("limit", all, all));
        });
    handlers.put(
        "conversation:create",
        (guest, request) ->
            conversations
                .create(guest.asker(), request.body(0))
                .thenApply(ConversationRequests.Made::snapshot));
    ofConversation(
        "conversation:get",
        (asker, id, body) ->
            conversations.snapshot(
                asker,
                id,
                body.only("branch", "before", "limit").text("branch", Conversation.MAIN),
                Snapshot.Page.of(body)));
    ofConversation("conversation:change", conversations::change);
    ofConversation(
        "conversation:delete",
        (asker, id, body) -> {
          var _ = body.only();
          return conversations.delete(asker, id);
        });
    handlers.put(
        "conversation:typing",
        (guest, request) -> {
          String id = request.conversation();
          boolean types = request.body(1).only("typing").flag("typing", true);
          return conversations
              .member(guest.asker(), id)
              .thenRun(() -> rooms.typing(id, guest.person(), types, guest.timer()));
        });
    handlers.put(
        "member:set",
        (guest, request) ->
            conversations.addMember(
                guest.asker(), request.conversation(), request.name(1, "person"), request.body(2)));
    handlers.put(
        "member:remove",
        (guest, request) ->
            conversations.removeMember(
                guest.asker(), request.only(2).conversation(), request.name(1, "person")));
  }

  private void handleTurns(TurnRequests turns) {
    ofConversation("turn:say", turns::say);
    ofTurn("turn:edit", turns::edit);
    ofTurn("turn:regenerate", turns::regenerate);
    ofConversation("conversation:read", turns::markRead);
    ofConversation("conversation:warm", turns::warm);
    ofConversation("run:request", turns::reply);
  }

  private void handleRuns(RunRequests runs) {
    ofRun(
        "run:get",
        (asker, run, body) -> {
          var _ = body.only();
          return runs.status(asker, run);
        });
    ofRun("run:stop", runs::stop);
    ofRun("run:steer", runs::steer);
    ofRun("run:approve", runs::approve);
    ofRun("run:deny", runs::deny);
    ofRun("run:result", runs::result);
  }

  private void handleFollowing(Following following) {
    handlers.put("conversation:open", following::open);
    handlers.put("conversation:leave", following::leave);
    handlers.put("run:open", following::openRun);
    handlers.put("run:leave", following::leaveRun);
  }

  private void ofConversation(String event, Named named) {
    handlers.put(
        event,
        (guest, request) -> named.answer(guest.asker(), request.conversation(), request.body(1)));
  }

  private void ofRun(String event, Named named) {
    handlers.put(
        event,
        (guest, request) -> named.answer(guest.asker(), request.name(0, "run"), request.body(1)));
  }

  private void ofTurn(String event, OfTurn turn) {
    handlers.put(
        event,
        (guest, request) ->
            turn.answer(
                guest.asker(), request.conversation(), request.name(1, "turn"), request.body(2)));
  }

  /** The events that are answered. */
  Set<String> events() {
    return handlers.keySet();
  }

  // --- clients

  private static Asker asker(Socket socket) {
    Object claimed = socket.handshake().auth().get("person");
    return new Asker(
        SocketIoServer.caller(socket),
        claimed instanceof String person ? person : socket.handshake().query().get("person"));
  }

  private static void requirePerson(Socket socket) throws ConnectRefusedException {
    try {
      var _ = asker(socket).reader();
    } catch (RequestRefused e) {
      throw new ConnectRefusedException(e.text(), Map.of("code", e.code()));
    }
  }

  private void onConnection(Socket socket) {
    Guest guest = new Guest(io, socket, asker(socket), access, rooms);
    socket.onAny((event, arguments) -> onEvent(guest, event, arguments));
    socket.onDisconnect(_ -> guest.run(guest::onGone));
  }

  private void onEvent(Guest guest, String event, Arguments arguments) {
    CompletableFuture<?> answer;
    try {
      Handler handler = handlers.get(event);
      if (handler == null) {
        throw RequestRefused.badField(
            "event: " + Quotable.of(event) + " (expected: one of " + events() + ")");
      }
      answer = handler.answer(guest, new Request(arguments));
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    Ack ack = arguments.ack();
    var _ = answer.whenComplete((done, failure) -> guest.run(() -> answer(ack, done, failure)));
  }

  private static void answer(Ack ack, @Nullable Object done, @Nullable Throwable failure) {
    if (failure != null) {
      ack.send(Refusals.of(failure));
    } else if (done instanceof Opened opened) {
      ack.send(opened.answer());
      opened.begin().run();
    } else {
      ack.send(done instanceof JsonNode json ? json : JsonNodeFactory.instance.objectNode());
    }
  }
}
