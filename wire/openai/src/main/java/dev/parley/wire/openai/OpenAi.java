package dev.parley.wire.openai;

import dev.parley.conversation.Persona;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.transport.Guard;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.buffer.ByteBufUtil;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The OpenAI API in front of personas and their runs: {@code /v1/chat/completions}, {@code
 * /v1/responses} and {@code /v1/models}. Stateless but for answers under way; {@link #handle} runs
 * on the connection's event loop.
 */
public final class OpenAi {
  private static final Guard GUARD =
      new Guard((response, failure) -> ApiError.of(failure).send(response));
  private static final String CHAT = "/v1/chat/completions";
  private static final String RESPONSES = "/v1/responses";
  private static final String MODELS = "/v1/models";

  /** For {@code Access-Control-Allow-Headers}, besides what stock clients say of themselves. */
  public static final String ALLOWED_HEADERS =
      "authorization, content-type, parley-person, parley-stop-on-disconnect,"
          + " openai-organization, openai-project, openai-beta, x-stainless-arch,"
          + " x-stainless-helper-method, x-stainless-lang, x-stainless-os,"
          + " x-stainless-package-version, x-stainless-retry-count, x-stainless-runtime,"
          + " x-stainless-runtime-version, x-stainless-timeout";

  /** For {@code Access-Control-Expose-Headers}. */
  public static final String EXPOSED_HEADERS =
      "parley-ai-generated, x-request-id, x-should-retry, retry-after";

  private final Roster roster;
  private final Asking asking;
  private final Lookup lookup;
  private final Answers answers;

  /**
   * @param clock of expiring callers
   */
  public OpenAi(Hub hub, Conversations conversations, Roster roster, InstantSource clock) {
    this.roster = roster;
    this.lookup = new Lookup(hub, conversations);
    this.asking = new Asking(conversations, roster, lookup);
    this.answers = new Answers(hub, asking, lookup, clock);
  }

  /** Whether a request is for this API. */
  public static boolean isFor(String path) {
    return isAt(path, CHAT) || isAt(path, RESPONSES) || isAt(path, MODELS);
  }

  private static boolean isAt(String path, String prefix) {
    return path.startsWith(prefix)
        && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }

  /** Tells a client in its own form that it needs another token. */
  public static void refuseToken(Response response, String message) {
    ApiError.unauthorized(message).send(response);
  }

  /** Answers a request that {@link #isFor} this API; never blocks. */
  public void handle(Request request, Response response, Caller caller) {
    response.headers().set("x-content-type-options", "nosniff").add("vary", "Authorization");
    GUARD.run(
        response,
        () -> route(request, response, new Who(person(request, caller), caller.expiresAt())));
  }

  /** Without keys everybody is whom they say they are. */
  private static String person(Request request, Caller caller) {
    String subject = caller.subject();
    if (subject == null) {
      String named = request.header("parley-person");
      named = named == null ? request.query("person") : named;
      return named == null || named.isBlank() ? "me" : named;
    }
    if (subject.isEmpty()) {
      throw new ApiError(
          403, "permission_error", "no_subject", null, "token: no sub (expected: a name)", false);
    }
    return subject;
  }

  /** Who asks, and until when they may hear the answer. */
  private record Who(String person, long expiresAt) {
    Answers.Waiting waitsFor(Answering answering, Response response, boolean stops) {
      return new Answers.Waiting(response, answering, person, expiresAt, stops);
    }
  }

  private void route(Request request, Response response, Who who) {
    String path = request.path();
    if (path.equals(MODELS)) {
      require(request, response, "GET");
      models(response);
    } else if (isAt(path, MODELS)) {
      require(request, response, "GET");
      model(response, path.substring(MODELS.length() + 1));
    } else if (path.equals(CHAT)) {
      require(request, response, "POST");
      ask(request, response, who, ChatInquiry.read(body(request)));
    } else if (path.equals(RESPONSES)) {
      require(request, response, "POST");
      ask(request, response, who, ResponseInquiry.read(body(request)));
    } else if (isAt(path, CHAT)) {
      completion(request, response, who, path.substring(CHAT.length() + 1));
    } else {
      response(request, response, who, path.substring(RESPONSES.length() + 1));
    }
  }

  private static void require(Request request, Response response, String method) {
    if (!request.method().equals(method)) {
      response.headers().set("allow", method);
      throw new ApiError(
          405,
          "invalid_request_error",
          "method_not_allowed",
          null,
          "method: " + request.method() + " (expected: " + method + ")",
          false);
    }
  }

  private static Fields body(Request request) {
    return Fields.request(ByteBufUtil.getBytes(request.body()));
  }

  // --- models

  private void models(Response response) {
    ObjectNode list = Fields.JSON.createObjectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    roster.all().forEach(persona -> data.add(json(persona)));
    Answers.send(response, list);
  }

  private void model(Response response, String id) {
    Persona persona = roster.newest(id);
    if (persona == null) {
      throw ApiError.noModel(id);
    }
    Answers.send(response, json(persona));
  }

  private static ObjectNode json(Persona persona) {
    return Fields.JSON
        .createObjectNode()
        .put("id", persona.ref().id())
        .put("object", "model")
        .put("created", 0) // nobody remembers
        .put("owned_by", "parley")
        .put("name", persona.name());
  }

  // --- answers

  private void ask(Request request, Response response, Who who, Inquiry inquiry) {
    boolean stops =
        !inquiry.background() && "true".equals(request.header("parley-stop-on-disconnect"));
    GUARD.thenAnyway(
        response,
        asking.ask(inquiry, who.person()),
        answering -> {
          Answers.Waiting waiting = who.waitsFor(answering, response, stops);
          if (!response.isOpen()) {
            answers.left(waiting);
            return;
          }
          switch (inquiry.api()) {
            case CHAT -> {
              if (inquiry.stream()) {
                answers.chunks(waiting, inquiry.includeUsage());
              } else {
                answers.completion(waiting);
              }
            }
            case RESPONSES -> {
              if (inquiry.stream()) {
                answers.events(waiting, -1, true);
              } else if (inquiry.background()) {
                answers.present(waiting);
              } else {
                answers.response(waiting);
              }
            }
          }
        });
  }

  private void completion(Request request, Response response, Who who, String run) {
    if (!request.method().equals("DELETE")) {
      require(request, response, "GET");
      GUARD.then(
          response,
          stored(run, who.person()),
          answering -> answers.completion(who.waitsFor(answering, response, false)));
      return;
    }
    delete(response, who.person(), run, "chat.completion.deleted");
  }

  private void response(Request request, Response response, Who who, String rest) {
    if (rest.endsWith("/cancel")) {
      require(request, response, "POST");
      cancel(response, who, rest.substring(0, rest.length() - "/cancel".length()));
    } else if (rest.indexOf('/') >= 0 || rest.isEmpty()) {
      throw ApiError.missing(
          null, "path: " + Fields.shortened(request.path()) + " (expected: one of the README)");
    } else if (request.method().equals("DELETE")) {
      delete(response, who.person(), rest, "response");
    } else {
      require(request, response, "GET");
      long after = after(request);
      boolean stream = "true".equals(request.query("stream"));
      GUARD.then(
          response,
          stored(rest, who.person()),
          answering -> {
            Answers.Waiting waiting = who.waitsFor(answering, response, false);
            if (stream) {
              answers.events(waiting, after, false);
            } else {
              answers.present(waiting);
            }
          });
    }
  }

  private static long after(Request request) {
    String after = request.query("starting_after");
    if (after == null) {
      return -1;
    }
    if (!after.matches("\\d{1,9}")) {
      throw ApiError.invalid(
          "starting_after",
          "starting_after: " + Fields.shortened(after) + " (expected: a sequence_number)");
    }
    return Long.parseLong(after);
  }

  private CompletableFuture<Answering> stored(String run, String person) {
    return lookup
        .find(run, person)
        .thenApply(answering -> {
          if (!answering.stored()) {
            throw ApiError.noResponse(run);
          }
          return answering;
        });
  }

  private void cancel(Response response, Who who, String run) {
    GUARD.then(
        response,
        stored(run, who.person())
            .thenCompose(
                answering -> answers.stop(answering, who.person()).thenApply(_ -> answering)),
        answering -> answers.ended(who.waitsFor(answering, response, false)));
  }

  private void delete(Response response, String person, String run, String object) {
    GUARD.then(
        response,
        stored(run, person).thenCompose(answering -> answers.forget(answering, person)),
        _ ->
            Answers.send(
                response,
                Fields.JSON
                    .createObjectNode()
                    .put("id", run)
                    .put("object", object)
                    .put("deleted", true)));
  }
}
