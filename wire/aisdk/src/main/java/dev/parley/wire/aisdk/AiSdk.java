package dev.parley.wire.aisdk;

import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Models;
import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.transport.HttpError;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.transport.SseRounds;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Conversations for {@code useChat} of the AI SDK, at {@code /api/chat}. {@link #handle} runs on
 * the connection's event loop and never blocks. The module's README lists the addresses.
 */
public final class AiSdk {
  /** Where chats are. */
  public static final String PREFIX = "/api/chat";

  /** For {@code Access-Control-Allow-Methods}. */
  public static final String ALLOWED_METHODS = "GET, POST, OPTIONS";

  /** For {@code Access-Control-Allow-Headers}. */
  public static final String ALLOWED_HEADERS = "accept, authorization, content-type, parley-person";

  /** For {@code Access-Control-Expose-Headers}. */
  public static final String EXPOSED_HEADERS =
      "location, retry-after, stream-closed, stream-next-offset, stream-up-to-date,"
          + " x-vercel-ai-ui-message-stream";

  private static final String NOBODY = "me"; // who gives no name, where no keys are configured

  private final Hub hub;
  private final Conversations conversations;
  private final AiSdkConfig config;
  private final InstantSource clock;
  private final Asking asking;
  private final SseRounds rounds;

  /**
   * @param clock of expiring callers
   */
  public AiSdk(
      Hub hub,
      Conversations conversations,
      Models models,
      AiSdkConfig config,
      InstantSource clock) {
    this.hub = hub;
    this.conversations = conversations;
    this.config = config;
    this.clock = clock;
    this.asking = new Asking(conversations, models, config);
    this.rounds = new SseRounds(config.heartbeat());
  }

  /** Whether an address is one of this wire's. */
  public static boolean answers(String path) {
    return path.startsWith(PREFIX)
        && (path.length() == PREFIX.length() || path.charAt(PREFIX.length()) == '/');
  }

  /** Answers a request whose path it {@link #answers}. */
  public void handle(Request request, Response response, Caller caller) {
    Replies.guarded(response, () -> route(request, response, caller));
  }

  private void route(Request request, Response response, Caller caller) {
    String rest = request.path().substring(PREFIX.length());
    String[] parts = rest.isEmpty() ? new String[0] : rest.substring(1).split("/", -1);
    String person = person(request, caller);
    switch (parts.length) {
      case 0 -> {
        allow(request, response, "POST");
        post(request, response, caller, person);
      }
      case 2 -> {
        String chat = ChatRequest.chat(parts[0]);
        switch (parts[1]) {
          case "stream" -> {
            allow(request, response, "GET");
            resume(request, response, caller, person, chat);
          }
          case "stop" -> {
            allow(request, response, "POST");
            stop(response, person, chat);
          }
          case "messages" -> {
            allow(request, response, "GET");
            messages(request, response, person, chat);
          }
          default -> throw missing(request);
        }
      }
      case 3 -> {
        if (!parts[1].equals("runs")) {
          throw missing(request);
        }
        allow(request, response, "GET");
        read(request, response, caller, person, ChatRequest.chat(parts[0]), parts[2]);
      }
      default -> throw missing(request);
    }
  }

  private static HttpError missing(Request request) {
    return new HttpError(404, "not_found", request.path() + ": no such address", false);
  }

  private static void allow(Request request, Response response, String method) {
    if (!request.method().equals(method)) {
      response.headers().set("allow", method);
      throw new HttpError(
          405, "bad_method", "method: " + request.method() + " (expected: " + method + ")", false);
    }
  }

  /** The token's subject; without keys, who they say they are. */
  private static String person(Request request, Caller caller) {
    String subject = caller.subject();
    if (subject != null) {
      return subject;
    }
    String said = request.header("parley-person");
    said = said == null ? request.query("person") : said;
    if (said == null) {
      return NOBODY;
    }
    if (said.isEmpty() || said.length() > 256 || said.chars().anyMatch(Character::isISOControl)) {
      throw Refused.bad("person: not a name (expected: 1 to 256 characters)");
    }
    return said;
  }

  private void post(Request request, Response response, Caller caller, String person) {
    if (request.body().readableBytes() > config.maxBodyBytes()) {
      throw new HttpError(
          413,
          "body_too_large",
          "body: "
              + request.body().readableBytes()
              + " bytes (expected: <= "
              + config.maxBodyBytes()
              + "; send only the last message)",
          false);
    }
    ChatRequest asked = ChatRequest.read(request.body());
    boolean pointer = wantsPointer(request);
    Replies.then(
        response,
        asking.ask(asked, person),
        reply -> show(response, caller, person, asked.id(), reply, pointer));
  }

  /** Whether the client wants to be told where the reply is, and not the reply. */
  private static boolean wantsPointer(Request request) {
    String accept = request.header("accept");
    return accept != null && accept.startsWith("application/json");
  }

  private void show(
      Response response,
      Caller caller,
      String person,
      String chat,
      Asking.Reply reply,
      boolean pointer) {
    if (pointer) {
      point(response, caller, person, chat, reply);
      return;
    }
    Replies.then(
        response,
        conversations.view(
            chat,
            now ->
                Optional.ofNullable(Watching.of(now, reply.run(), person, config.clientTools()))),
        found ->
            follow(
                response,
                caller,
                Framing.UI,
                found.orElseThrow(Refused::noChat),
                reply.after(),
                reply.again(),
                0));
  }

  /** The client sends no headers when it reads there, so all it takes is in the address. */
  private static void point(
      Response response, Caller caller, String person, String chat, Asking.Reply reply) {
    List<String> query = new ArrayList<>();
    if (reply.after() != null) {
      query.add("after=" + encoded(reply.after()));
    }
    reply.again().forEach(call -> query.add("again=" + encoded(call)));
    if (caller.subject() == null && !person.equals(NOBODY)) {
      query.add("person=" + encoded(person));
    }
    String url =
        PREFIX
            + "/"
            + chat
            + "/runs/"
            + reply.run()
            + (query.isEmpty() ? "" : "?" + String.join("&", query));
    response.headers().set("location", url);
    Replies.send(response, Chunks.JSON.createObjectNode().put("streamUrl", url));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void resume(
      Request request, Response response, Caller caller, String person, String chat) {
    boolean pointer = wantsPointer(request);
    Replies.then(
        response,
        conversations.view(
            chat, now -> Optional.ofNullable(Watching.current(now, person, config.clientTools()))),
        found -> {
          if (found.isEmpty()) {
            Replies.sendNothing(response);
          } else if (pointer) {
            point(
                response,
                caller,
                person,
                chat,
                new Asking.Reply(found.get().run(), null, Set.of()));
          } else {
            follow(response, caller, Framing.UI, found.get(), null, Set.of(), 0);
          }
        });
  }

  /** A reply as a Durable Stream, to be read only. */
  private void read(
      Request request, Response response, Caller caller, String person, String chat, String run) {
    long from = offset(request.query("offset"));
    String live = request.query("live");
    String after = request.query("after");
    Set<String> again = Set.copyOf(request.queryAll("again"));
    if (live != null && !live.equals("sse")) {
      throw Refused.bad("live: " + live + " (expected: sse)");
    }
    Replies.then(
        response,
        conversations.view(
            chat, now -> Optional.ofNullable(Watching.of(now, run, person, config.clientTools()))),
        found -> {
          Watching watching = found.orElseThrow(Refused::noChat);
          if (live != null) {
            follow(response, caller, Framing.DURABLE, watching, after, again, from);
          } else {
            new ReplySnapshot(
                    new Reading(watching, config.clientTools(), after, again, from), response)
                .begin(hub, ConversationPaths.run(watching.run()));
          }
        });
  }

  private static long offset(@Nullable String token) {
    if (token == null || token.equals("-1")) {
      return 0;
    }
    try {
      long offset = Long.parseLong(token);
      if (offset >= 0) {
        return offset;
      }
    } catch (NumberFormatException e) {
      // refused below, as a negative one is
    }
    throw Refused.bad("offset: " + token + " (expected: -1, or one that was given)");
  }

  private void follow(
      Response response,
      Caller caller,
      Framing framing,
      Watching watching,
      @Nullable String after,
      Set<String> again,
      long from) {
    long left = Math.max(0, caller.expiresAt() - clock.millis());
    Reading reading = new Reading(watching, config.clientTools(), after, again, from);
    new ReplyFollower(
            framing, reading, response, config.joinBytes(), TimeUnit.MILLISECONDS.toNanos(left))
        .follow(hub, ConversationPaths.run(watching.run()), rounds);
  }

  private void stop(Response response, String person, String chat) {
    Replies.then(
        response,
        asking.stop(chat, person),
        runs -> {
          ObjectNode answer = Chunks.JSON.createObjectNode();
          ArrayNode stopped = answer.putArray("stopped");
          runs.forEach(stopped::add);
          Replies.send(response, answer);
        });
  }

  private void messages(Request request, Response response, String person, String chat) {
    String branch = request.query("branch");
    Replies.then(
        response,
        conversations.view(chat, now -> Optional.ofNullable(History.of(now, person, branch))),
        found -> {
          ObjectNode empty = Chunks.JSON.createObjectNode().put("id", chat);
          empty.putArray("messages");
          Replies.send(response, found.map(history -> history.write(chat)).orElse(empty));
        });
  }
}
