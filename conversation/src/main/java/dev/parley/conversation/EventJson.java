package dev.parley.conversation;

import dev.parley.conversation.ConversationEvent.*;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events as JSON in UTF-8 and back; their names and fields stay the same. Safe on any thread.
 *
 * <p>Kinds of events and parts and fields of parts that this version does not know are kept. Fields
 * of events are not, so who passes an event on passes on the bytes that were read.
 */
public final class EventJson {
  /** Most bytes of an event. */
  public static final int MAX_BYTES = 8 << 20;

  /** Deepest nesting of an event. */
  public static final int MAX_DEPTH = BoundedJson.MAX_DEPTH;

  private final BoundedJson json = new BoundedJson("event", MAX_BYTES);
  private final JsonMapper mapper = json.mapper();
  private final PartJson parts = new PartJson(json);
  private final OverridesJson overrides = new OverridesJson(json);

  /**
   * Writes an event.
   *
   * @throws IllegalArgumentException when it is too large, or passes on JSON that is none
   */
  public byte[] write(ConversationEvent event) {
    return json.write(tree(event));
  }

  /**
   * Reads an event.
   *
   * @throws IllegalArgumentException with a sentence when it is none
   */
  public ConversationEvent read(byte[] utf8) {
    return event(json.read(utf8));
  }

  /** A turn as its {@code turn-added} event tells it, with its offset and without the type. */
  public ObjectNode tree(Turn turn) {
    ObjectNode node =
        (ObjectNode)
            tree(
                new TurnAdded(
                    turn.id(),
                    turn.author(),
                    turn.ai(),
                    turn.parts(),
                    turn.run(),
                    null,
                    turn.at()));
    node.remove("type");
    return node.put("offset", turn.offset());
  }

  /** Parts as they stand in events. */
  public ArrayNode tree(List<TurnPart> of) {
    return parts.write(of);
  }

  /**
   * Reads the {@code parts} of an object.
   *
   * @throws IllegalArgumentException with a sentence when they are none
   */
  public List<TurnPart> parts(JsonNode object) {
    return parts.read(Fields.of("message", object));
  }

  private JsonNode tree(ConversationEvent event) {
    if (event instanceof Unknown it) {
      return parts.object("event", it.json());
    }
    ObjectNode node = mapper.createObjectNode();
    node.put("type", type(event)).put("at", event.at());
    switch (event) {
      case Created it -> {
        node.put("conversation", it.conversation()).put("title", it.title()).put("by", it.by());
        node.set("persona", persona(it.persona()));
      }
      case Renamed it -> node.put("title", it.title()).put("by", it.by());
      case Archived it -> node.put("by", it.by());
      case Restored it -> node.put("by", it.by());
      case Deleted it -> node.put("by", it.by());
      case MemberJoined it ->
          node.put("person", it.person()).put("role", Fields.word(it.role())).put("by", it.by());
      case MemberLeft it -> node.put("person", it.person()).put("by", it.by());
      case BranchAdded it ->
          node.put("branch", it.branch())
              .put("source", it.source())
              .put("offset", it.offset())
              .put("by", it.by());
      case BranchedOff it ->
          node.put("source", it.source())
              .put("offset", it.offset())
              .put("replaces", it.replaces())
              .put("by", it.by());
      case TurnAdded it -> {
        node.put("turn", it.turn()).set("author", author(it.author()));
        said(node, it.ai(), it.clientMessageId(), it.parts());
        put(node, "run", it.run());
      }
      case RunRequested it -> {
        node.put("run", it.run()).put("by", it.by());
        put(node, "turn", it.turn());
        if (it.persona() != null) {
          node.set("persona", persona(it.persona()));
        }
        if (it.waiting() != null) {
          Message waiting = it.waiting();
          ObjectNode message = node.putObject("waiting").put("turn", waiting.turn());
          said(message, waiting.ai(), waiting.clientMessageId(), waiting.parts());
        }
        if (it.ahead()) {
          node.put("ahead", true);
        }
        if (it.overrides() != null) {
          node.set("overrides", overrides.write(it.overrides()));
        }
      }
      case RunStarted it ->
          node.put("run", it.run())
              .set("persona", persona(it.persona()))
              .set("lease", lease(it.lease()));
      case RunStreaming it -> node.put("run", it.run());
      case RunSteered it -> node.put("run", it.run()).put("turn", it.turn()).put("by", it.by());
      case RunLeased it ->
          node.put("run", it.run())
              .put("how", Fields.word(it.how()))
              .set("lease", lease(it.lease()));
      case RunStopped it -> node.put("run", it.run()).put("by", it.by());
      case RunFinished it ->
          node.put("run", it.run())
              .put("reason", Fields.word(it.reason()))
              .set("usage", usage(it.usage()));
      case RunFailed it -> {
        node.put("run", it.run())
            .put("reason", it.failure().reason())
            .put("message", it.failure().message())
            .put("retryable", it.failure().retryable())
            .set("usage", usage(it.usage()));
        if (it.failure().retryAt() != null) {
          node.put("retryAt", it.failure().retryAt());
        }
      }
      case ToolCalled it -> {
        node.put("run", it.run()).put("call", it.call()).put("name", it.name());
        if (it.needsApproval()) {
          node.put("needsApproval", true);
        }
      }
      case ToolApproved it -> node.put("run", it.run()).put("call", it.call()).put("by", it.by());
      case ToolDenied it ->
          node.put("run", it.run())
              .put("call", it.call())
              .put("by", it.by())
              .put("reason", it.reason());
      case ToolReturned it ->
          node.put("run", it.run()).put("call", it.call()).put("result", it.json());
      case PersonaSwitched it -> {
        node.put("by", it.by());
        node.set("persona", persona(it.persona()));
      }
      case ReadUpTo it -> node.put("person", it.person()).put("offset", it.offset());
      case Unknown _ -> {}
    }
    return node;
  }

  /** The name of a kind of event, as it is written. */
  public static String type(ConversationEvent event) {
    return switch (event) {
      case Created _ -> "created";
      case Renamed _ -> "renamed";
      case Archived _ -> "archived";
      case Restored _ -> "restored";
      case Deleted _ -> "deleted";
      case MemberJoined _ -> "member-joined";
      case MemberLeft _ -> "member-left";
      case BranchAdded _ -> "branch-added";
      case BranchedOff _ -> "branched-off";
      case TurnAdded _ -> "turn-added";
      case RunRequested _ -> "run-requested";
      case RunStarted _ -> "run-started";
      case RunStreaming _ -> "run-streaming";
      case RunSteered _ -> "run-steered";
      case RunLeased _ -> "run-leased";
      case RunStopped _ -> "run-stopped";
      case RunFinished _ -> "run-finished";
      case RunFailed _ -> "run-failed";
      case ToolCalled _ -> "tool-called";
      case ToolApproved _ -> "tool-approved";
      case ToolDenied _ -> "tool-denied";
      case ToolReturned _ -> "tool-returned";
      case PersonaSwitched _ -> "persona-switched";
      case ReadUpTo _ -> "read-up-to";
      case Unknown it -> it.type();
    };
  }

  private ConversationEvent event(Fields of) {
    String type = of.text("type");
    long at = of.has("at") ? of.number("at") : 0;
    return switch (type) {
      case "created" ->
          new Created(of.text("conversation"), of.text("by"), of.text("title"), persona(of), at);
      case "renamed" -> new Renamed(of.text("title"), of.text("by"), at);
      case "archived" -> new Archived(of.text("by"), at);
      case "restored" -> new Restored(of.text("by"), at);
      case "deleted" -> new Deleted(of.text("by"), at);
      case "member-joined" ->
          new MemberJoined(
              of.text("person"), of.word("role", Role.class, Role.READER), of.text("by"), at);
      case "member-left" -> new MemberLeft(of.text("person"), of.text("by"), at);
      case "branch-added" ->
          new BranchAdded(
              of.text("branch"), of.text("source"), of.number("offset"), of.text("by"), at);
      case "branched-off" ->
          new BranchedOff(
              of.text("source"), of.number("offset"), of.text("replaces"), of.text("by"), at);
      case "turn-added" ->
          new TurnAdded(
              of.text("turn"),
              author(of.object("author")),
              of.flag("ai"),
              parts.read(of),
              of.optionalText("run"),
              of.optionalText("clientMessageId"),
              at);
      case "run-requested" ->
          new RunRequested(
              of.text("run"),
              of.text("by"),
              of.optionalText("turn"),
              of.has("persona") ? persona(of) : null,
              of.has("waiting") ? message(of.object("waiting")) : null,
              of.flag("ahead"),
              of.has("overrides") ? overrides.read(of.object("overrides")) : null,
              at);
      case "run-started" -> new RunStarted(of.text("run"), persona(of), lease(of), at);
      case "run-streaming" -> new RunStreaming(of.text("run"), at);
      case "run-steered" -> new RunSteered(of.text("run"), of.text("turn"), of.text("by"), at);
      case "run-leased" ->
          new RunLeased(
              of.text("run"), lease(of), of.word("how", Resumption.class, Resumption.RENEWED), at);
      case "run-stopped" -> new RunStopped(of.text("run"), of.text("by"), at);
      case "run-finished" ->
          new RunFinished(
              of.text("run"),
              of.word("reason", FinishReason.class, FinishReason.OTHER),
              usage(of.object("usage")),
              at);
      case "run-failed" ->
          new RunFailed(
              of.text("run"),
              new RunFailure(
                  of.text("reason"),
                  of.text("message"),
                  of.flag("retryable"),
                  of.has("retryAt") ? of.number("retryAt") : null),
              usage(of.object("usage")),
              at);
      case "tool-called" ->
          new ToolCalled(
              of.text("run"), of.text("call"), of.text("name"), of.flag("needsApproval"), at);
      case "tool-approved" -> new ToolApproved(of.text("run"), of.text("call"), of.text("by"), at);
      case "tool-denied" ->
          new ToolDenied(of.text("run"), of.text("call"), of.text("by"), of.text("reason"), at);
      case "tool-returned" ->
          new ToolReturned(of.text("run"), of.text("call"), of.text("result"), at);
      case "persona-switched" -> new PersonaSwitched(persona(of), of.text("by"), at);
      case "read-up-to" -> new ReadUpTo(of.text("person"), of.number("offset"), at);
      default -> new Unknown(type, mapper.writeValueAsString(of.node()), at);
    };
  }

  private void said(
      ObjectNode node, boolean ai, @Nullable String clientMessageId, List<TurnPart> all) {
    if (ai) {
      node.put("ai", true);
    }
    put(node, "clientMessageId", clientMessageId);
    node.set("parts", parts.write(all));
  }

  private Message message(Fields of) {
    return new Message(
        of.text("turn"), of.flag("ai"), parts.read(of), of.optionalText("clientMessageId"));
  }

  private ObjectNode author(Author author) {
    ObjectNode node = mapper.createObjectNode();
    switch (author) {
      case Author.Person it -> node.put("person", it.id());
      case Author.OfPersona it -> node.set("persona", persona(it.persona()));
      case Author.Tool it -> node.put("tool", it.name());
    }
    return node;
  }

  private static Author author(Fields of) {
    if (of.has("persona")) {
      return new Author.OfPersona(persona(of));
    }
    return of.has("tool") ? new Author.Tool(of.text("tool")) : new Author.Person(of.text("person"));
  }

  private ObjectNode persona(PersonaRef persona) {
    return mapper.createObjectNode().put("id", persona.id()).put("version", persona.version());
  }

  private static PersonaRef persona(Fields of) {
    Fields persona = of.object("persona");
    return new PersonaRef(
        persona.text("id"), Math.clamp(persona.number("version"), 0, Integer.MAX_VALUE));
  }

  private ObjectNode lease(Lease lease) {
    return mapper.createObjectNode().put("owner", lease.owner()).put("until", lease.untilMillis());
  }

  private static Lease lease(Fields of) {
    Fields lease = of.object("lease");
    return new Lease(lease.text("owner"), lease.number("until"));
  }

  private ObjectNode usage(Usage usage) {
    ObjectNode node =
        mapper
            .createObjectNode()
            .put("input", usage.input())
            .put("cachedInput", usage.cachedInput())
            .put("output", usage.output());
    if (usage.estimated()) {
      node.put("estimated", true);
    }
    usage
        .fallbacks()
        .forEach((by, took) ->
            node.withArray("fallbacks")
                .add(usage(took).put("provider", by.provider()).put("model", by.model())));
    return node;
  }

  private static Usage usage(Fields usage) {
    Map<ModelRef, Usage> fallbacks = new HashMap<>();
    for (Fields each : usage.optionalObjects("fallbacks")) {
      fallbacks.put(new ModelRef(each.text("provider"), each.text("model")), usage(each));
    }
    return new Usage(
        usage.number("input"),
        usage.number("cachedInput"),
        usage.number("output"),
        usage.flag("estimated"),
        fallbacks);
  }

  private static void put(ObjectNode node, String key, @Nullable String value) {
    if (value != null) {
      node.put(key, value);
    }
  }
}
