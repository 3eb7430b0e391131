package dev.parley.provider.openai;

import java.util.Objects;

/**
 * Where endpoints that speak chat completions differ.
 *
 * @param maxTokensMember what the limit of a reply is called
 * @param usage whether usage is asked for ({@code stream_options})
 * @param continuation how a reply is continued from its prefix
 */
public record ChatOptions(String maxTokensMember, boolean usage, Continuation continuation) {
  /** OpenAI itself. */
  public static final ChatOptions OPENAI =
      new ChatOptions("max_completion_tokens", true, Continuation.NONE);

  /** Most others: llama.cpp, Ollama, OpenRouter and so on. */
  public static final ChatOptions COMPATIBLE =
      new ChatOptions("max_tokens", true, Continuation.NONE);

  /** How a request says that the reply goes on from what the assistant has said already. */
  public enum Continuation {
    /** It cannot. */
    NONE,
    /** A last turn of the assistant is enough (llama.cpp, OpenRouter). */
    LAST_TURN,
    /** The last turn carries {@code "prefix": true} (Mistral, DeepSeek). */
    PREFIX,
    /** {@code "continue_final_message": true} (vLLM, SGLang). */
    FINAL_MESSAGE
  }

  public ChatOptions {
    if (maxTokensMember.isBlank()) {
      throw new IllegalArgumentException(
          "provider.max-tokens-member: \"" + maxTokensMember + "\" (expected: a name)");
    }
    Objects.requireNonNull(continuation);
  }

  public ChatOptions withContinuation(Continuation other) {
    return new ChatOptions(maxTokensMember, usage, other);
  }
}
