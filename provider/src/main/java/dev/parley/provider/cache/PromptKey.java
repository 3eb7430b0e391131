package dev.parley.provider.cache;

import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Tool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What identical prompts have in common: a SHA-256 over all that a provider sees of them but {@link
 * Prompt#user()}, which names who asks and changes no answer. Each field comes with its length, so
 * that no two prompts have the same bytes. Immutable.
 */
public record PromptKey(String sha256) {
  /**
   * The key of a prompt.
   *
   * @param provider its name: two may call different models the same
   */
  public static PromptKey of(String provider, Prompt prompt) {
    Digest digest = new Digest();
    digest.text(provider);
    digest.text(prompt.model());
    digest.count(prompt.turns().size());
    prompt.turns().forEach(digest::turn);
    digest.parameters(prompt.parameters());
    digest.count(prompt.tools().size());
    for (Tool tool : prompt.tools()) {
      digest.texts(tool.name(), tool.description(), tool.parametersSchemaJson());
    }
    digest.text(prompt.prefix());
    return new PromptKey(digest.hex());
  }

  /** A prompt on its way into a hash. */
  private static final class Digest {
    private final MessageDigest sha256;
    private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);

    Digest() {
      try {
        sha256 = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e); // every JDK has it
      }
    }

    void turn(PromptTurn turn) {
      text(turn.role().name());
      count(turn.parts().size());
      turn.parts().forEach(this::part);
    }

    private void part(TurnPart part) {
      text(part.extra());
      switch (part) {
        case TurnPart.Text said -> texts("text", said.text());
        case TurnPart.Reasoning thought -> texts("reasoning", thought.text());
        case TurnPart.File file -> texts("file", file.name(), file.mediaType(), file.url());
        case TurnPart.ToolCall call -> texts("call", call.id(), call.name(), call.argumentsJson());
        case TurnPart.ToolResult result -> texts("result", result.callId(), result.json());
        case TurnPart.Unknown unknown -> texts("unknown", unknown.json());
      }
    }

    void parameters(Parameters parameters) {
      optional(parameters.temperature());
      optional(parameters.topP());
      optional(parameters.maxTokens());
      List<String> stop = parameters.stop();
      count(stop.size());
      stop.forEach(this::text);
      optional(parameters.seed());
      optional(parameters.reasoningEffort());
      Map<String, String> extra = parameters.extra();
      count(extra.size());
      extra.forEach(this::texts);
    }

    /** What is not there has no length either. */
    private void optional(@Nullable Object value) {
      if (value == null) {
        count(-1);
      } else {
        text(value.toString());
      }
    }

    void texts(String... texts) {
      for (String text : texts) {
        text(text);
      }
    }

    void text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      count(bytes.length);
      sha256.update(bytes);
    }

    void count(int count) {
      sha256.update(length.putInt(0, count).array());
    }

    String hex() {
      return HexFormat.of().formatHex(sha256.digest());
    }
  }
}
