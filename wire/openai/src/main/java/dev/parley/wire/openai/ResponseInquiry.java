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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a request for a response. Stateless. */
final class ResponseInquiry {
  /** Members that are not told again in the response. */
  private static final Set<String> NOT_ECHOED =
      Set.of("model", "input", "stream", "stream_options", "include", "metadata", "conversation");

  private ResponseInquiry() {}

  static Inquiry read(Fields request) {
    if (request.has("prompt")) {
      throw ApiError.unsupported("prompt", "prompt: not supported (expected: instructions)");
    }
    List<String> told = new ArrayList<>();
    if (request.has("instructions")) {
      told.add(request.text("instructions"));
    }
    List<Input> inputs = inputs(request, told);
    ObjectNode metadata = Content.metadata(request);
    String conversation = conversation(request, metadata);
    String previous = request.optionalText("previous_response_id");
    if (conversation != null && previous != null) {
      throw ApiError.invalid(
          "previous_response_id",
          "previous_response_id: with a conversation (expected: one of both)");
    }
    if (inputs.isEmpty() && conversation == null && previous == null) {
      throw ApiError.invalid("input", "input: nothing (expected: a text or items)");
    }
    boolean store = request.flag("store", true);
    boolean background = request.flag("background", false);
    if (background && !store) {
      throw ApiError.invalid(
          "background", "background: true without store (expected: store: true)");
    }
    List<Persona.Tool> tools = Content.tools(request, false);
    ObjectNode note = Fields.JSON.createObjectNode().put("api", "responses").put("store", store);
    note.set("metadata", metadata);
    note.set("echo", echo(request));
    return new Inquiry(
        Inquiry.Api.RESPONSES,
        request.text("model"),
        conversation,
        previous,
        conversation == null && previous == null ? Input.settled(inputs) : inputs,
        new Overrides(
            String.join("\n\n", told), parameters(request, tools), tools, note.toString()),
        request.flag("stream", false),
        background,
        store,
        false);
  }

  /** With what clients expect of a response that a request may leave out. */
  private static ObjectNode echo(Fields request) {
    ObjectNode echo = request.without(NOT_ECHOED);
    if (echo.path("text") instanceof ObjectNode text && !text.has("format")) {
      ObjectNode whole = text.deepCopy();
      whole.putObject("format").put("type", "text");
      echo.set("text", whole);
    }
    if (request.has("tools")) {
      ArrayNode tools = echo.putArray("tools");
      for (JsonNode tool : request.array("tools")) {
        ObjectNode whole =
            Fields.JSON.createObjectNode().put("strict", false).putNull("parameters");
        tool.forEachEntry(whole::set);
        tools.add(whole);
      }
    }
    return echo;
  }

  private static @Nullable String conversation(Fields request, ObjectNode metadata) {
    if (request.get("conversation").isObject()) {
      return request.object("conversation").text("id");
    }
    String named = metadata.path("conversation").stringValueOpt().orElse(null);
    return request.has("conversation") ? request.text("conversation") : named;
  }

  private static List<Input> inputs(Fields request, List<String> told) {
    List<Input> inputs = new ArrayList<>();
    if (request.get("input").isString()) {
      inputs.add(new Input(Input.Speaker.USER, Content.parts("input", request.get("input"))));
    } else {
      List<JsonNode> items = request.array("input");
      for (int i = 0; i < items.size(); i++) {
        item(Fields.of("input[" + i + "]", items.get(i)), told, inputs);
      }
    }
    if (inputs.stream().anyMatch(input -> input.parts().isEmpty())) {
      throw ApiError.invalid("input", "input: an empty message (expected: a text)");
    }
    return inputs;
  }

  private static void item(Fields item, List<String> told, List<Input> inputs) {
    switch (item.text("type", "message")) {
      case "message" -> message(item, told, inputs);
      case "function_call" ->
          inputs.add(
              new Input(
                  Input.Speaker.ASSISTANT,
                  List.of(
                      new TurnPart.ToolCall(
                          item.text("call_id"), item.text("name"), item.text("arguments")))));
      case "function_call_output" ->
          inputs.add(
              new Input(
                  Input.Speaker.TOOL,
                  List.of(
                      new TurnPart.ToolResult(
                          item.text("call_id"),
                          Content.text(item.where() + "output", item.get("output"))))));
      case "reasoning" -> {} // models are not told again what they thought
      default ->
          throw ApiError.unsupported(
              item.where() + "type",
              item.where()
                  + "type: "
                  + Fields.shortened(item.text("type"))
                  + " (expected: message, function_call, function_call_output or reasoning)");
    }
  }

  private static void message(Fields item, List<String> told, List<Input> inputs) {
    String where = item.where() + "content";
    switch (item.text("role")) {
      case "system", "developer" -> told.add(Content.text(where, item.get("content")));
      case "user" ->
          inputs.add(new Input(Input.Speaker.USER, Content.parts(where, item.get("content"))));
      case "assistant" ->
          inputs.add(new Input(Input.Speaker.ASSISTANT, Content.parts(where, item.get("content"))));
      default ->
          throw Fields.wrong(
              item.where() + "role", item.get("role"), "system, developer, user or assistant");
    }
  }

  /** In the form of chat completions, which most upstreams speak. */
  private static Parameters parameters(Fields request, @Nullable List<Persona.Tool> tools) {
    SortedMap<String, String> extra = new TreeMap<>();
    for (String name : List.of("service_tier", "prompt_cache_key", "safety_identifier")) {
      if (request.has(name)) {
        extra.put(name, request.get(name).toString());
      }
    }
    if (tools != null && request.has("parallel_tool_calls")) {
      extra.put("parallel_tool_calls", request.get("parallel_tool_calls").toString());
    }
    if (tools != null && request.has("tool_choice")) {
      extra.put("tool_choice", toolChoice(request));
    }
    if (request.has("text")) {
      text(request.object("text"), extra);
    }
    return new Parameters(
        request.decimal("temperature"),
        request.decimal("top_p"),
        request.smallNumber("max_output_tokens"),
        List.of(),
        null,
        request.has("reasoning") ? request.object("reasoning").optionalText("effort") : null,
        extra);
  }

  private static String toolChoice(Fields request) {
    JsonNode choice = request.get("tool_choice");
    if (!choice.isObject()) {
      return choice.toString();
    }
    Fields of = request.object("tool_choice");
    if (!of.text("type").equals("function")) {
      throw ApiError.unsupported(
          "tool_choice", "tool_choice: " + Fields.shortened(choice.toString()));
    }
    ObjectNode function = Fields.JSON.createObjectNode().put("type", "function");
    function.putObject("function").put("name", of.text("name"));
    return function.toString();
  }

  private static void text(Fields text, SortedMap<String, String> extra) {
    if (text.has("verbosity")) {
      extra.put("verbosity", text.get("verbosity").toString());
    }
    if (!text.has("format")) {
      return;
    }
    Fields format = text.object("format");
    switch (format.text("type")) {
      case "text" -> {}
      case "json_object" -> extra.put("response_format", "{\"type\":\"json_object\"}");
      case "json_schema" -> {
        ObjectNode node = Fields.JSON.createObjectNode().put("type", "json_schema");
        node.set("json_schema", format.without(Set.of("type")));
        extra.put("response_format", node.toString());
      }
      default ->
          throw Fields.wrong(
              "text.format.type", format.get("type"), "text, json_object or json_schema");
    }
  }
}
