package dev.parley.wire.rest;

import dev.parley.conversation.budget.Ledger;
import dev.parley.conversation.request.Access;
import dev.parley.conversation.request.ConversationRequests;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.conversation.request.Rooms;
import dev.parley.conversation.request.RunRequests;
import dev.parley.conversation.request.TurnRequests;
import dev.parley.conversation.run.ConversationIndex;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.transport.HttpError;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Conversations, runs, personas, providers and usage at {@code /api}, as openapi.yaml and
 * asyncapi.yaml of this module describe them. Stateless but for live answers; {@link #handle} runs
 * on the connection's event loop.
 */
public final class RestWire {
  /** For {@code Access-Control-Allow-Methods}. */
  public static final String ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS";

  /** For {@code Access-Control-Allow-Headers}. */
  public static final String ALLOWED_HEADERS =
      "authorization, content-type, idempotency-key, last-event-id, parley-person";

  private static final List<String> FIRST =
      List.of("/api/conversations", "/api/runs", "/api/personas", "/api/providers", "/api/usage");

  private final RestConfig config;
  private final List<Route> routes = new ArrayList<>();

  /**
   * @param rooms who is where, by whatever wire
   * @param providerState what is known of a provider by its name, in a word: {@code ready} when it
   *     can be asked
   */
  public RestWire(
      Hub hub,
      Conversations conversations,
      ConversationIndex index,
      Roster roster,
      Ledger ledger,
      Rooms rooms,
      UnaryOperator<String> providerState,
      RestConfig config,
      InstantSource clock) {
    this.config = config;
    SseAnswers sse = new SseAnswers(hub, rooms, config, clock);
    Access access = new Access(conversations);
    routes.addAll(
        new ConversationRoutes(
                new ConversationRequests(conversations, index, roster, access), access, sse)
            .routes());
    routes.addAll(
        new TurnRoutes(conversations, new TurnRequests(conversations, roster, access)).routes());
    routes.addAll(new RunRoutes(new RunRequests(hub, conversations, access), access, sse).routes());
    routes.addAll(new PersonaRoutes(roster, providerState).routes());
    routes.addAll(new UsageRoutes(ledger, clock).routes());
  }

  /** Whether an address is one of this wire's. */
  public static boolean answers(String path) {
    for (String first : FIRST) {
      if (path.startsWith(first)
          && (path.length() == first.length() || path.charAt(first.length()) == '/')) {
        return true;
      }
    }
    return false;
  }

  List<Route> routes() {
    return routes;
  }

  /** Answers a request whose path {@link #answers}; never blocks. */
  public void handle(Request request, Response response, Caller caller) {
    response
        .headers()
        .set("x-content-type-options", "nosniff")
        .add("vary", "Authorization, parley-person");
    Replies.guarded(
        response,
        () ->
            meant(() -> {
              route(request, response, caller);
              return true;
            }));
  }

  /** Refuses a command that cannot be meant. */
  static <T> T meant(Supplier<T> step) {
    try {
      return step.get();
    } catch (IllegalArgumentException e) {
      throw RequestRefused.badField(String.valueOf(e.getMessage()));
    }
  }

  private void route(Request request, Response response, Caller caller) {
    List<String> address = List.of(request.path().split("/", -1));
    TreeSet<String> methods = new TreeSet<>();
    for (Route route : routes) {
      Map<String, String> names = route.match(address);
      if (names != null) {
        if (route.method().equals(request.method())) {
          Call call = new Call(request, response, caller, names, config.maxBodyBytes());
          var _ = call.idempotencyKey(); // a wrong one is refused before anything is done
          route.answer().accept(call);
          return;
        }
        methods.add(route.method());
      }
    }
    if (methods.isEmpty()) {
      throw new HttpError(404, "not_found", "no such address", false);
    }
    String allowed = String.join(", ", methods);
    response.headers().set("allow", allowed);
    throw new HttpError(405, "bad_method", "method: not one of " + allowed, false);
  }
}
