package dev.parley.wire.openai;

import dev.parley.conversation.Overrides;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for. Immutable.
 *
 * @param persona who is to answer
 * @param conversation to go on in, or {@code null}
 * @param previous run to go on from, or {@code null}
 * @param includeUsage whether a stream of chunks ends with what it took
 */
record Inquiry(
    Api api,
    String persona,
    @Nullable String conversation,
    @Nullable String previous,
    List<Input> inputs,
    Overrides overrides,
    boolean stream,
    boolean background,
    boolean store,
    boolean includeUsage) {
  enum Api {
    CHAT("chatcmpl-"),
    RESPONSES("resp_");

    private final String prefix;

    Api(String prefix) {
      this.prefix = prefix;
    }

    /** Of the names of its runs. */
    String prefix() {
      return prefix;
    }
  }

  Inquiry {
    inputs = List.copyOf(inputs);
  }
}
