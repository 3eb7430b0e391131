package dev.parley.wire.aisdk;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a reply is on its way from the messages of its run to the chunks of a UI message: a
 * function of the messages so far, whoever reads them and however they were cut into batches. So
 * those who read the same have equal states, and one may work for all. Confined to its event loop.
 */
final class ReplyState {
  /**
   * A call of a tool. Its input grows for all copies of a state at once, since all read the same.
   */
  private static final class Call {
    final String id;
    final String name;
    final StringBuilder input;
    final int length; // of the input that this copy has read

    Call(String id, String name, StringBuilder input, int length) {
      this.id = id;
      this.name = name;
      this.input = input;
      this.length = length;
    }

    Call plus(String piece) {
      if (input.length() == length) {
        input.append(piece);
      }
      return new Call(id, name, input, length + piece.length());
    }

    String json() {
      return input.substring(0, length);
    }
  }

  /** A call that has no result. */
  private record Open(Call call, boolean approval, boolean announced) {}

  private String run = "";
  private String turn = "";
  private boolean stepped;
  private Chunks.@Nullable Kind growing;
  private String part = ""; // the one that grows
  private int parts;
  private String persona = "";
  private @Nullable ObjectNode news; // for who watches, told at the end of a batch
  private boolean toldQueued;
  private Map<Integer, Call> calls = new HashMap<>(0); // of the present turn, by index
  private Map<String, Open> open = new LinkedHashMap<>(0);
  private Set<String> known = new HashSet<>(0); // names of calls in earlier turns
  private boolean ended;

  ReplyState copy() {
    ReplyState copy = new ReplyState();
    copy.run = run;
    copy.turn = turn;
    copy.stepped = stepped;
    copy.growing = growing;
    copy.part = part;
    copy.parts = parts;
    copy.persona = persona;
    copy.news = news;
    copy.toldQueued = toldQueued;
    copy.calls = calls.isEmpty() ? calls : new HashMap<>(calls);
    copy.open = open.isEmpty() ? open : new LinkedHashMap<>(open);
    copy.known = known.isEmpty() ? known : new HashSet<>(known);
    copy.ended = ended;
    return copy;
  }

  /** Whether nothing comes any more. */
  boolean ended() {
    return ended;
  }

  /** Whether a call without a result is among those that satisfy {@code person}. */
  boolean waitsFor(Predicate<Waiting> person) {
    for (Open each : open.values()) {
      if (person.test(new Waiting(each.call().id, each.call().name, each.approval()))) {
        return true;
      }
    }
    return false;
  }

  /**
   * A call that waits.
   *
   * @param approval whether a person had to approve it first
   */
  record Waiting(String call, String tool, boolean approval) {}

  /** The page knows the calls that wait; those it may answer only now it hears of again. */
  void resume(Set<String> again, Chunks out) {
    open.replaceAll((id, each) ->
        new Open(each.call(), each.approval() && !again.contains(id), !again.contains(id)));
    out.add(start());
  }

  /** The next message of the run's stream. One that somebody else wrote into it says nothing. */
  void take(byte[] message, Chunks out) {
    JsonNode node;
    try {
      node = Chunks.JSON.readTree(message);
    } catch (JacksonException e) {
      return;
    }
    if (ended) {
      return;
    }
    String text = string(node, "text");
    if (text != null) {
      grow(Chunks.Kind.TEXT, text, out);
      return;
    }
    String reasoning = string(node, "reasoning");
    String state = string(node, "state");
    String result = string(node, "result");
    if (reasoning != null) {
      grow(Chunks.Kind.REASONING, reasoning, out);
    } else if (node.path("call").isInt()) {
      called(node, out);
    } else if (result != null) {
      returned(String.valueOf(string(node, "id")), result, node.path("denied").asBoolean(), out);
    } else if (state != null) {
      changed(state, node, out);
    } else if (string(node, "run") != null && run.isEmpty()) {
      run = node.path("run").stringValue();
      out.add(start());
    }
  }

  private ObjectNode start() {
    ObjectNode start = Chunks.chunk("start").put("messageId", run);
    start.putObject("messageMetadata").put("ai", true).put("run", run);
    return start;
  }

  static @Nullable String string(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isString() ? value.stringValue() : null;
  }

  // --- what it says

  private void grow(Chunks.Kind kind, String text, Chunks out) {
    if (growing != kind) {
      close(out);
      growing = kind;
      part = Integer.toString(++parts);
      out.add(Chunks.chunk(word(kind) + "-start").put("id", part));
    }
    out.delta(kind, part, text);
  }

  private static String word(Chunks.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private void close(Chunks out) {
    if (growing != null) {
      out.add(Chunks.chunk(word(growing) + "-end").put("id", part));
      growing = null;
    }
  }

  // --- tools

  private void called(JsonNode node, Chunks out) {
    int index = node.path("call").intValue();
    String arguments = string(node, "arguments");
    Call call = calls.get(index);
    if (arguments != null && call != null) {
      calls.put(index, call.plus(arguments));
      out.delta(Chunks.Kind.INPUT, call.id, arguments);
      return;
    }
    String id = string(node, "id");
    String name = string(node, "name");
    if (id != null && name != null) {
      close(out);
      calls = calls.isEmpty() ? new HashMap<>() : calls;
      calls.put(index, begin(unique(id), name, out));
    }
  }

  private static Call begin(String id, String name, Chunks out) {
    out.add(Chunks.chunk("tool-input-start").put("toolCallId", id).put("toolName", name));
    return new Call(id, name, new StringBuilder(), 0);
  }

  /** Models use the same names of calls again; here they get the names that the run gives them. */
  private String unique(String id) {
    Set<String> taken = new HashSet<>(known);
    calls.values().forEach(call -> taken.add(call.id));
    String unique = id;
    for (int i = 2; taken.contains(unique); i++) {
      unique = id + "-" + i;
    }
    return unique;
  }

  private void waits(JsonNode node, Chunks out) {
    close(out);
    Map<String, Call> mine = new HashMap<>();
    calls.values().forEach(call -> mine.put(call.id, call));
    open = new LinkedHashMap<>();
    known = known.isEmpty() ? new HashSet<>() : known;
    for (JsonNode each : node.path("calls")) {
      String id = string(each, "id");
      String name = string(each, "name");
      if (id != null && name != null) {
        Call call = mine.get(id);
        if (call == null) {
          call = begin(id, name, out);
        }
        open.put(id, new Open(call, each.path("approval").asBoolean(), false));
        known.add(id);
      }
    }
  }

  private void returned(String id, String result, boolean denied, Chunks out) {
    Open call = open.remove(id);
    if (call == null) {
      return;
    }
    if (denied) {
      out.add(Chunks.chunk("tool-output-denied").put("toolCallId", id));
      return;
    }
    JsonNode output = json(result);
    String error = ToolAnswers.error(output);
    if (error != null) {
      out.add(Chunks.chunk("tool-output-error").put("toolCallId", id).put("errorText", error));
    } else {
      ObjectNode chunk = Chunks.chunk("tool-output-available").put("toolCallId", id);
      chunk.set("output", output);
      out.add(chunk);
    }
  }

  /** As JSON, or as the text that it is. */
  static JsonNode json(String text) {
    try {
      JsonNode node = Chunks.JSON.readTree(text);
      return node.isMissingNode() ? Chunks.JSON.createObjectNode() : node;
    } catch (JacksonException e) {
      return Chunks.JSON.getNodeFactory().stringNode(text);
    }
  }

  // --- how it goes on

  private void changed(String state, JsonNode node, Chunks out) {
    switch (state) {
      case "queued" -> news = data(state).put("position", node.path("position").asInt());
      case "starting" -> starting(node, out);
      case "waiting-for-tool" -> waits(node, out);
      case "finished" -> finish(reason(node), node, out);
      case "stopped" -> {
        abandon(out);
        out.add(metadata(node));
        out.add(Chunks.chunk("abort").put("reason", "stopped"));
        finish("interrupted", node, out); // so that no page sends it again by itself
      }
      case "failed" -> {
        abandon(out);
        out.add(metadata(node));
        String message = string(node, "message");
        out.add(Chunks.chunk("error").put("errorText", message == null ? "It failed." : message));
        ended = true;
      }
      default -> {}
    }
  }

  private static ObjectNode data(String state) {
    return Chunks.JSON.createObjectNode().put("state", state);
  }

  private void starting(JsonNode node, Chunks out) {
    news = toldQueued ? data("starting") : null;
    toldQueued = false;
    String by = node.path("persona").toString();
    if (!by.equals(persona) && node.path("persona").isObject()) {
      persona = by;
      ObjectNode chunk = Chunks.chunk("message-metadata");
      chunk.putObject("messageMetadata").set("persona", node.path("persona"));
      out.add(chunk);
    }
    String next = string(node, "turn");
    boolean another = !Objects.equals(next, turn);
    if (another && stepped) {
      close(out);
      out.add("finish-step");
    }
    calls = new HashMap<>(0);
    if (another || !stepped) {
      turn = String.valueOf(next);
      stepped = true;
      out.add("start-step");
    }
  }

  private static ObjectNode metadata(JsonNode node) {
    ObjectNode chunk = Chunks.chunk("message-metadata");
    ObjectNode metadata = chunk.putObject("messageMetadata");
    for (String field : new String[] {"state", "by", "reason", "retryable"}) {
      if (node.has(field)) {
        metadata.set(field, node.path(field));
      }
    }
    return chunk;
  }

  /** Calls that nobody answers any more do not wait for ever on the page. */
  private void abandon(Chunks out) {
    close(out);
    for (Open each : open.values()) {
      out.add(
          Chunks.chunk("tool-output-error")
              .put("toolCallId", each.call().id)
              .put("errorText", "The reply ended before the tool did."));
    }
    open.clear();
  }

  private void finish(String reason, JsonNode node, Chunks out) {
    close(out);
    if (stepped) {
      out.add("finish-step");
    }
    ObjectNode finish = Chunks.chunk("finish").put("finishReason", reason);
    if (node.path("usage").isObject()) {
      finish.putObject("messageMetadata").set("usage", node.path("usage"));
    }
    out.add(finish);
    ended = true;
  }

  private static String reason(JsonNode node) {
    String reason = string(node, "reason");
    return switch (reason == null ? "" : reason) {
      case "stop", "length" -> reason == null ? "" : reason;
      case "filtered" -> "content-filter";
      case "tool_calls" -> "tool-calls";
      default -> "other";
    };
  }

  /** The end of a batch: what only matters when it lasts is told. */
  void settle(Chunks out) {
    if (news != null && !ended) {
      ObjectNode chunk = Chunks.chunk("data-run").put("transient", true);
      chunk.set("data", news);
      out.add(chunk);
      toldQueued = "queued".equals(string(news, "state"));
    }
    news = null;
    open.replaceAll((_, each) -> {
      if (each.announced()) {
        return each;
      }
      announce(each, out);
      return new Open(each.call(), each.approval(), true);
    });
  }

  private static void announce(Open each, Chunks out) {
    String id = each.call().id;
    ObjectNode chunk =
        Chunks.chunk("tool-input-available")
            .put("toolCallId", id)
            .put("toolName", each.call().name);
    chunk.set("input", json(each.call().json()));
    out.add(chunk);
    if (each.approval()) {
      out.add(Chunks.chunk("tool-approval-request").put("approvalId", id).put("toolCallId", id));
    }
  }

  /** The page has to answer before it goes on: for now the message is complete. */
  static void pause(Chunks out) {
    out.add("finish-step");
    out.add(Chunks.chunk("finish").put("finishReason", "tool-calls"));
  }
}
