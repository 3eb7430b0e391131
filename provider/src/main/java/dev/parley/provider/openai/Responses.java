package dev.parley.provider.openai;

import dev.parley.conversation.provider.Prompt;
import dev.parley.provider.ApiKey;
import dev.parley.provider.Dialect;
import dev.parley.provider.JsonText;
import dev.parley.provider.Reply;
import io.netty.handler.codec.http.HttpHeaders;

/** {@code POST /responses} with {@code stream: true}, nothing stored upstream. Immutable. */
public final class Responses implements Dialect {
  @Override
  public String path() {
    return "/responses";
  }

  @Override
  public boolean continuesFromPrefix() {
    return false;
  }

  @Override
  public void sign(HttpHeaders headers, ApiKey key) {
    ChatCompletions.bearer(headers, key);
  }

  @Override
  public byte[] request(Prompt prompt) {
    return JsonText.write(json -> new ResponsesRequest(json).write(prompt));
  }

  @Override
  public Reader reader(Prompt prompt, Reply reply) {
    return new ResponsesReader(reply);
  }
}
