package dev.parley.wire.openai;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Translates what a run says into the events of a response. Confined to its request's loop.
 *
 * <p>What it tells depends on nothing but the messages of the run's stream in their order, and on
 * the request: so {@code sequence_number} means the same event for everybody, also after a restart.
 */
final class ResponseEvents {
  private final Answering answering;
  private final List<Item> items = new ArrayList<>();
  private final Map<Integer, Item> calls = new HashMap<>();
  private List<ObjectNode> told = new ArrayList<>();
  private @Nullable Item open; // text or thoughts that grow
  private String turn = "";
  private String status;
  private boolean created;
  private boolean queued;
  private boolean inProgress;
  private RunMessage.@Nullable End end;
  private int sequence;

  private enum Kind {
    MESSAGE,
    REASONING,
    CALL
  }

  /** An item of the output that grows. */
  private static final class Item {
    final Kind kind;
    final int index;
    final String id;
    final String call;
    final String name;
    final StringBuilder text = new StringBuilder();
    String status = "in_progress";

    Item(Kind kind, int index, String id, String call, String name) {
      this.kind = kind;
      this.index = index;
      this.id = id;
      this.call = call;
      this.name = name;
    }
  }

  ResponseEvents(Answering answering) {
    this.answering = answering;
    this.status = isBackground() ? "queued" : "in_progress";
  }

  private boolean isBackground() {
    var background = answering.echo("background");
    return background != null && background.asBoolean(false);
  }

  /** The events that a message brings. */
  List<ObjectNode> heard(RunMessage message) {
    told = new ArrayList<>();
    if (!created) {
      created = true;
      lifecycle("response.created");
    }
    switch (message) {
      case RunMessage.Queued() -> {
        if (!queued) {
          queued = true;
          status = "queued";
          lifecycle("response.queued");
        }
      }
      case RunMessage.Starting(String next) -> starting(next);
      case RunMessage.Text(String text) -> grow(Kind.MESSAGE, "response.output_text.delta", text);
      case RunMessage.Reasoning(String text) ->
          grow(Kind.REASONING, "response.reasoning_text.delta", text);
      case RunMessage.Call call -> call(call);
      case RunMessage.Arguments(int index, String json) -> {
        Item item = calls.get(index);
        if (item != null) {
          item.text.append(json);
          event("response.function_call_arguments.delta", item).put("delta", json);
        }
      }
      case RunMessage.End how -> ended(how);
      case RunMessage.Other() -> {}
    }
    return told;
  }

  private void starting(String next) {
    if (!inProgress) {
      inProgress = true;
      status = "in_progress";
      lifecycle("response.in_progress");
    }
    if (!next.equals(turn)) {
      turn = next;
      close("completed");
    }
    calls.clear();
  }

  private void grow(Kind kind, String type, String text) {
    Item item = open;
    if (item == null || item.kind != kind) {
      closeOpen("completed");
      item = begin(kind, "", "");
      open = item;
      part("response.content_part.added", item, "");
    }
    item.text.append(text);
    ObjectNode event = event(type, item).put("content_index", 0).put("delta", text);
    if (kind == Kind.MESSAGE) {
      event.putArray("logprobs");
    }
  }

  /** Those that the server itself makes are not told of. */
  private void call(RunMessage.Call call) {
    if (answering.callsTools()) {
      closeOpen("completed");
      calls.put(call.index(), begin(Kind.CALL, call.id(), call.name()));
    }
  }

  private Item begin(Kind kind, String call, String name) {
    int index = items.size();
    String prefix =
        switch (kind) {
          case MESSAGE -> "msg_";
          case REASONING -> "rs_";
          case CALL -> "fc_";
        };
    Item item = new Item(kind, index, prefix + answering.run() + "_" + index, call, name);
    items.add(item);
    added("response.output_item.added", item);
    return item;
  }

  private void closeOpen(String how) {
    if (open != null) {
      close(open, how);
      open = null;
    }
  }

  private void close(String how) {
    for (Item item : items) {
      if (item.status.equals("in_progress")) {
        close(item, how);
      }
    }
    open = null;
  }

  private void close(Item item, String how) {
    String text = item.text.toString();
    switch (item.kind) {
      case MESSAGE -> {
        event("response.output_text.done", item)
            .put("content_index", 0)
            .put("text", text)
            .putArray("logprobs");
        part("response.content_part.done", item, text);
      }
      case REASONING -> {
        event("response.reasoning_text.done", item).put("content_index", 0).put("text", text);
        part("response.content_part.done", item, text);
      }
      case CALL ->
          event("response.function_call_arguments.done", item)
              .put("name", item.name)
              .put("arguments", text);
    }
    item.status = how;
    added("response.output_item.done", item);
  }

  private void ended(RunMessage.End how) {
    end = how;
    status =
        switch (how) {
          case RunMessage.Finished(FinishReason reason, Usage _) ->
              switch (reason) {
                case STOP, TOOL_CALLS, OTHER -> "completed";
                case LENGTH, FILTERED -> "incomplete";
              };
          case RunMessage.Stopped _ -> "cancelled";
          case RunMessage.Failed _ -> "failed";
        };
    close(status.equals("completed") ? "completed" : "incomplete");
    // There is no event for a response that was cancelled; this is how clients take it for ended.
    lifecycle("response." + (status.equals("cancelled") ? "incomplete" : status));
  }

  private ObjectNode event(String type) {
    ObjectNode event = Fields.JSON.createObjectNode();
    event.put("type", type).put("sequence_number", sequence++);
    told.add(event);
    return event;
  }

  private ObjectNode event(String type, Item item) {
    return event(type).put("item_id", item.id).put("output_index", item.index);
  }

  private void added(String type, Item item) {
    event(type).put("output_index", item.index).set("item", json(item, type.endsWith("done")));
  }

  private void part(String type, Item item, String text) {
    event(type, item).put("content_index", 0).set("part", content(item.kind, text));
  }

  private void lifecycle(String type) {
    event(type).set("response", response());
  }

  private static ObjectNode content(Kind kind, String text) {
    ObjectNode part = Fields.JSON.createObjectNode();
    if (kind == Kind.REASONING) {
      return part.put("type", "reasoning_text").put("text", text);
    }
    part.put("type", "output_text").put("text", text);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  private static ObjectNode json(Item item, boolean whole) {
    ObjectNode json = Fields.JSON.createObjectNode();
    json.put("id", item.id);
    switch (item.kind) {
      case MESSAGE -> {
        json.put("type", "message").put("status", item.status).put("role", "assistant");
        contents(json, item, whole);
      }
      case REASONING -> {
        json.put("type", "reasoning").put("status", item.status).putArray("summary");
        contents(json, item, whole);
      }
      case CALL ->
          json.put("type", "function_call")
              .put("status", item.status)
              .put("call_id", item.call)
              .put("name", item.name)
              .put("arguments", item.text.toString());
    }
    return json;
  }

  private static void contents(ObjectNode json, Item item, boolean whole) {
    ArrayNode content = json.putArray("content");
    if (whole) {
      content.add(content(item.kind, item.text.toString()));
    }
  }

  /** The response as far as it is known. */
  ObjectNode response() {
    ObjectNode response = Fields.JSON.createObjectNode();
    response
        .put("id", answering.run())
        .put("object", "response")
        .put("created_at", answering.createdAt())
        .put("status", status)
        .put("background", false)
        .put("model", answering.model());
    error(response);
    ArrayNode output = response.putArray("output");
    items.forEach(item -> output.add(json(item, true)));
    defaults(response);
    RunMessage.End over = end;
    if (over == null) {
      response.putNull("usage");
    } else {
      response.set("usage", usage(over.usage()));
    }
    response.putObject("conversation").put("id", answering.conversation());
    ObjectNode metadata = response.putObject("metadata");
    answering.note().path("metadata").forEachEntry(metadata::set);
    metadata.put("ai", "true");
    return response;
  }

  private void error(ObjectNode response) {
    response.putNull("error").putNull("incomplete_details");
    switch (end) {
      case RunMessage.Failed failed -> {
        ApiError as = ApiError.of(failed);
        String code =
            switch (as.status()) {
              case 429 -> "rate_limit_exceeded";
              case 400 -> "invalid_prompt";
              default -> "server_error";
            };
        response.putObject("error").put("code", code).put("message", failed.message());
      }
      case RunMessage.Finished(FinishReason reason, Usage _) when status.equals("incomplete") ->
          response
              .putObject("incomplete_details")
              .put(
                  "reason", reason == FinishReason.LENGTH ? "max_output_tokens" : "content_filter");
      case RunMessage.Finished _ -> {}
      case RunMessage.Stopped _ -> {}
      case null -> {}
    }
  }

  /** What every response has; what the request said is said again. */
  private void defaults(ObjectNode response) {
    response
        .putNull("access_programs")
        .putNull("instructions")
        .putNull("max_output_tokens")
        .put("parallel_tool_calls", true)
        .putNull("previous_response_id")
        .put("store", true)
        .putNull("temperature")
        .put("tool_choice", "auto")
        .putNull("top_p")
        .put("truncation", "disabled")
        .putNull("user");
    response.putObject("reasoning").putNull("effort").putNull("summary");
    response.putObject("text").putObject("format").put("type", "text");
    response.putArray("tools");
    answering.note().path("echo").forEachEntry(response::set);
  }

  private static ObjectNode usage(Usage took) {
    ObjectNode usage = Fields.JSON.createObjectNode();
    usage.put("input_tokens", took.input());
    usage
        .putObject("input_tokens_details")
        .put("cached_tokens", took.cachedInput())
        .put("cache_write_tokens", 0);
    usage.put("output_tokens", took.output());
    usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
    return usage.put("total_tokens", took.input() + took.output());
  }
}
