package dev.parley.provider;

import dev.parley.conversation.provider.Prompt;
import io.netty.handler.codec.http.HttpHeaders;

/** One protocol of model endpoints: requests in, deltas out. Safe on any thread. */
public interface Dialect {
  /** What follows the base address. */
  String path();

  boolean continuesFromPrefix();

  /** Adds what says who asks, and which version is spoken. */
  void sign(HttpHeaders headers, ApiKey key);

  /**
   * The request as JSON: equal prompts are equal bytes.
   *
   * @throws tools.jackson.core.JacksonException if what the prompt passes on as JSON is none
   */
  byte[] request(Prompt prompt);

  /** Reads one answer into {@code reply}. */
  Reader reader(Prompt prompt, Reply reply);

  /** Confined to the loop of its answer. */
  interface Reader {
    /**
     * Reads one event.
     *
     * @param data UTF-8, valid during the call
     * @throws tools.jackson.core.JacksonException if it is not JSON
     */
    void onEvent(String type, byte[] data, int length);
  }
}
