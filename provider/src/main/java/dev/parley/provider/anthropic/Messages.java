package dev.parley.provider.anthropic;

import dev.parley.conversation.provider.Prompt;
import dev.parley.provider.ApiKey;
import dev.parley.provider.Dialect;
import dev.parley.provider.JsonText;
import dev.parley.provider.Reply;
import io.netty.handler.codec.http.HttpHeaders;

/** {@code POST /messages} with {@code stream: true}. Immutable. */
public final class Messages implements Dialect {
  static final int DEFAULT_MAX_TOKENS = 4096;
  private static final String VERSION = "2023-06-01";

  private final boolean continues;

  /**
   * The protocol as one family of models takes it.
   *
   * @param continues whether they go on from a last turn of the assistant; newer ones refuse it
   */
  public Messages(boolean continues) {
    this.continues = continues;
  }

  @Override
  public String path() {
    return "/messages";
  }

  @Override
  public boolean continuesFromPrefix() {
    return continues;
  }

  @Override
  public void sign(HttpHeaders headers, ApiKey key) {
    headers.set("anthropic-version", VERSION);
    if (key.isPresent()) {
      headers.set("x-api-key", key.reveal());
    }
  }

  @Override
  public byte[] request(Prompt prompt) {
    return JsonText.write(json -> new MessagesRequest(json).write(prompt));
  }

  @Override
  public Reader reader(Prompt prompt, Reply reply) {
    String prefix = prompt.prefix();
    return new MessagesReader(reply, prefix.substring(prefix.stripTrailing().length()));
  }
}
