package dev.parley.testkit.upstream;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a request asks for, of whichever API. A value.
 *
 * @param prefix the text of an assistant's message at its end; empty without one
 * @param toolResult what the tools answered to the last turn, null if none was asked
 * @param maxTokens of the reply, as the client limits it
 */
record Prompt(
    String model,
    boolean stream,
    boolean includeUsage,
    int maxTokens,
    String prefix,
    @Nullable String toolResult,
    String user,
    int inputTokens) {
  private static final int CHARACTERS_PER_TOKEN = 4;

  /**
   * @throws IllegalArgumentException that says what is wrong
   */
  static Prompt parse(Api api, String body) {
    JsonNode json;
    try {
      json = Json.MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("body: not JSON: " + e.getOriginalMessage(), e);
    }
    if (!json.path("model").isString()) {
      throw new IllegalArgumentException("model: missing (expected: a string)");
    }
    JsonNode turns = json.path(api == Api.RESPONSES ? "input" : "messages");
    if (!turns.isArray() && !(api == Api.RESPONSES && turns.isString())) {
      throw new IllegalArgumentException(
          (api == Api.RESPONSES ? "input" : "messages") + ": missing (expected: an array)");
    }
    JsonNode last = turns.path(turns.size() - 1);
    return new Prompt(
        json.path("model").asString(),
        json.path("stream").asBoolean(false),
        json.path("stream_options").path("include_usage").asBoolean(false),
        maxTokens(json),
        last.path("role").asString("").equals("assistant") ? text(last.path("content")) : "",
        toolResult(turns),
        json.path("user").asString(json.path("metadata").path("user_id").asString("")),
        body.length() / CHARACTERS_PER_TOKEN);
  }

  private static int maxTokens(JsonNode json) {
    for (String key : List.of("max_completion_tokens", "max_output_tokens", "max_tokens")) {
      if (json.path(key).isNumber()) {
        return json.path(key).asInt();
      }
    }
    return Integer.MAX_VALUE;
  }

  /** The results at the end, of one or more tools, in each API's form. */
  private static @Nullable String toolResult(JsonNode turns) {
    List<String> results = new ArrayList<>();
    for (int i = turns.size() - 1; i >= 0; i--) {
      JsonNode turn = turns.path(i);
      int before = results.size();
      if (turn.path("role").asString("").equals("tool")) {
        results.add(text(turn.path("content")));
      } else if (turn.path("type").asString("").equals("function_call_output")) {
        results.add(text(turn.path("output")));
      } else if (turn.path("role").asString("").equals("user") && turn.path("content").isArray()) {
        for (JsonNode part : turn.path("content")) {
          if (part.path("type").asString("").equals("tool_result")) {
            results.add(text(part.path("content")));
          }
        }
      }
      if (results.size() == before) {
        break;
      }
    }
    Collections.reverse(results);
    return results.isEmpty() ? null : String.join(", ", results);
  }

  private static String text(JsonNode content) {
    if (content.isString()) {
      return content.asString();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      text.append(part.path("text").asString(""));
    }
    return text.toString();
  }
}
