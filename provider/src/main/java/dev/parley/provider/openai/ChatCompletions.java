package dev.parley.provider.openai;

import dev.parley.conversation.provider.Prompt;
import dev.parley.provider.ApiKey;
import dev.parley.provider.Dialect;
import dev.parley.provider.JsonText;
import dev.parley.provider.Reply;
import dev.parley.provider.openai.ChatOptions.Continuation;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** {@code POST /chat/completions} with {@code stream: true}. Immutable. */
public final class ChatCompletions implements Dialect {
  private final ChatOptions options;

  public ChatCompletions(ChatOptions options) {
    this.options = options;
  }

  @Override
  public String path() {
    return "/chat/completions";
  }

  @Override
  public boolean continuesFromPrefix() {
    return options.continuation() != Continuation.NONE;
  }

  @Override
  public void sign(HttpHeaders headers, ApiKey key) {
    bearer(headers, key);
  }

  static void bearer(HttpHeaders headers, ApiKey key) {
    if (key.isPresent()) {
      headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + key.reveal());
    }
  }

  @Override
  public byte[] request(Prompt prompt) {
    return JsonText.write(json -> new ChatRequest(json, options).write(prompt));
  }

  @Override
  public Reader reader(Prompt prompt, Reply reply) {
    return new ChatReader(reply);
  }
}
