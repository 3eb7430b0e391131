package dev.parley.wire.aisdk;

import dev.parley.conversation.OnBusy;
import dev.parley.transport.HttpError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a page posts. Immutable.
 *
 * @param id of the chat, which is the conversation's
 * @param messageId of the message to be said differently, or of the reply that is regenerated or
 *     whose tools are answered
 * @param last of the page's messages
 * @param before names of those before it, oldest first
 * @param persona who is asked, {@code null} for whoever answers in this chat
 * @param onBusy what becomes of a running reply, {@code null}: it depends on whose it is
 */
record ChatRequest(
    String id,
    boolean regenerate,
    @Nullable String messageId,
    @Nullable Message last,
    List<String> before,
    @Nullable String persona,
    @Nullable OnBusy onBusy) {
  private static final int DEEPEST = 64;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .build();

  /** A message as the page has it. */
  record Message(String id, String role, JsonNode parts, boolean ai) {
    boolean isReply() {
      return role.equals("assistant");
    }
  }

  static ChatRequest read(ByteBuf body) {
    JsonNode node;
    try {
      node = JSON.readTree(new ByteBufInputStream(body));
    } catch (JacksonException e) {
      throw new HttpError(400, "bad_json", "body: not JSON (expected: an object)", false);
    }
    String trigger = node.path("trigger").asString("submit-message");
    if (!trigger.equals("submit-message") && !trigger.equals("regenerate-message")) {
      throw Refused.bad(
          "trigger: " + trigger + " (expected: submit-message or regenerate-message)");
    }
    String messageId = optional(node, "messageId");
    List<String> before = new ArrayList<>();
    Message last = null;
    JsonNode messages = node.path("messages");
    for (int i = 0; i < messages.size(); i++) {
      Message message = message(messages.path(i));
      if (i == messages.size() - 1 || (message.isReply() && message.id().equals(messageId))) {
        last = message;
        break;
      }
      before.add(message.id());
    }
    if (node.has("message")) { // of pages that send only what is new
      last = message(node.path("message"));
    }
    return new ChatRequest(
        chat(node.path("id").asString("")),
        trigger.startsWith("regenerate"),
        messageId,
        last,
        List.copyOf(before),
        optional(node, "persona"),
        onBusy(optional(node, "onBusy")));
  }

  private static Message message(JsonNode node) {
    String id = optional(node, "id");
    String role = optional(node, "role");
    if (id == null || id.isEmpty() || role == null || !node.path("parts").isArray()) {
      throw Refused.bad("messages: one without id, role or parts (expected: UI messages)");
    }
    return new Message(
        id, role, node.path("parts"), node.path("metadata").path("ai").asBoolean(false));
  }

  private static @Nullable String optional(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.isString() && !value.isNull() && !value.isMissingNode()) {
      throw Refused.bad(field + ": " + value.getNodeType() + " (expected: a string)");
    }
    return value.isString() ? value.stringValue() : null;
  }

  private static @Nullable OnBusy onBusy(@Nullable String word) {
    return switch (word) {
      case null -> null;
      case "queue", "replace", "reject" -> OnBusy.valueOf(word.toUpperCase(Locale.ROOT));
      default -> throw Refused.bad("onBusy: " + word + " (expected: queue, replace or reject)");
    };
  }

  /** The name of a chat. */
  static String chat(String id) {
    if (!Names.isChosen(id)) {
      throw Refused.bad("id: not a chat's (expected: 1 to 64 of A-Z a-z 0-9 _ -)");
    }
    return id;
  }
}
