package dev.parley.wire.openai;

import dev.parley.conversation.Overrides;
import dev.parley.conversation.Persona;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a request for a chat completion. Stateless. */
final class ChatInquiry {
  /** Members that are read here; the others are passed on to the upstream. */
  private static final Set<String> READ =
      Set.of(
          "model",
          "messages",
          "stream",
          "stream_options",
          "n",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "metadata",
          "store",
          "user",
          "temperature",
          "top_p",
          "max_tokens",
          "max_completion_tokens",
          "stop",
          "seed",
          "reasoning_effort");

  private ChatInquiry() {}

  static Inquiry read(Fields request) {
    Long n = request.number("n");
    if (n != null && n != 1) {
      throw ApiError.unsupported("n", "n: " + n + " (expected: 1)");
    }
    for (String old : List.of("functions", "function_call")) {
      if (request.has(old)) {
        throw ApiError.unsupported(old, old + ": not supported (expected: tools)");
      }
    }
    List<String> told = new ArrayList<>();
    List<Input> inputs = new ArrayList<>();
    List<JsonNode> messages = request.array("messages");
    for (int i = 0; i < messages.size(); i++) {
      message(Fields.of("messages[" + i + "]", messages.get(i)), told, inputs);
    }
    ObjectNode metadata = Content.metadata(request);
    @Nullable String conversation = metadata.path("conversation").stringValueOpt().orElse(null);
    if (conversation != null) { // it has what was said up to its last answer
      int answered = inputs.size();
      while (answered > 0 && !inputs.get(answered - 1).isAnswer()) {
        answered--;
      }
      inputs.subList(0, answered).clear();
    }
    if (inputs.isEmpty()) {
      throw ApiError.invalid("messages", "messages: nothing new (expected: at least one message)");
    }
    List<Persona.Tool> tools = Content.tools(request, true);
    boolean store = request.flag("store", true);
    ObjectNode note = Fields.JSON.createObjectNode().put("api", "chat").put("store", store);
    note.set("metadata", metadata);
    boolean usage =
        request.has("stream_options")
            && request.object("stream_options").flag("include_usage", false);
    return new Inquiry(
        Inquiry.Api.CHAT,
        request.text("model"),
        conversation,
        null,
        conversation == null ? Input.settled(inputs) : inputs,
        new Overrides(
            String.join("\n\n", told), parameters(request, tools), tools, note.toString()),
        request.flag("stream", false),
        false,
        store,
        usage);
  }

  private static void message(Fields message, List<String> told, List<Input> inputs) {
    String where = message.where() + "content";
    switch (message.text("role")) {
      case "system", "developer" -> told.add(Content.text(where, message.get("content")));
      case "user" -> {
        List<TurnPart> parts = Content.parts(where, message.get("content"));
        if (parts.isEmpty()) {
          throw Fields.wrong(where, message.get("content"), "a text");
        }
        inputs.add(new Input(Input.Speaker.USER, parts));
      }
      case "assistant" -> {
        List<TurnPart> parts = new ArrayList<>();
        if (message.has("content")) {
          parts.addAll(Content.parts(where, message.get("content")));
        }
        for (JsonNode node : message.array("tool_calls")) {
          Fields call = Fields.of(message.where() + "tool_calls[]", node);
          Fields function = call.object("function");
          parts.add(
              new TurnPart.ToolCall(
                  call.text("id"), function.text("name"), function.text("arguments")));
        }
        if (!parts.isEmpty()) {
          inputs.add(new Input(Input.Speaker.ASSISTANT, parts));
        }
      }
      case "tool" ->
          inputs.add(
              new Input(
                  Input.Speaker.TOOL,
                  List.of(
                      new TurnPart.ToolResult(
                          message.text("tool_call_id"),
                          Content.text(where, message.get("content"))))));
      default ->
          throw Fields.wrong(
              message.where() + "role",
              message.get("role"),
              "system, developer, user, assistant or tool");
    }
  }

  private static Parameters parameters(Fields request, @Nullable List<Persona.Tool> tools) {
    SortedMap<String, String> extra = new TreeMap<>();
    request.without(READ).forEachEntry((name, value) -> extra.put(name, value.toString()));
    if (tools != null) { // upstreams refuse them without tools
      for (String name : List.of("tool_choice", "parallel_tool_calls")) {
        if (request.has(name)) {
          extra.put(name, request.get(name).toString());
        }
      }
    }
    Integer most = request.smallNumber("max_completion_tokens");
    return new Parameters(
        request.decimal("temperature"),
        request.decimal("top_p"),
        most != null ? most : request.smallNumber("max_tokens"),
        stop(request),
        request.number("seed"),
        request.optionalText("reasoning_effort"),
        extra);
  }

  private static List<String> stop(Fields request) {
    if (request.get("stop").isString()) {
      return List.of(request.text("stop"));
    }
    List<String> stop = new ArrayList<>();
    for (JsonNode each : request.array("stop")) {
      if (!each.isString()) {
        throw Fields.wrong("stop", each, "strings");
      }
      stop.add(each.stringValue());
    }
    return stop;
  }
}
