package dev.parley.wire.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseRetrieveParams;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenAI's client for Java, unchanged. */
final class OpenAiJavaTest {
  private OpenAiServer server;
  private OpenAIClient client;

  @BeforeEach
  void start() throws IOException {
    server = new OpenAiServer(0);
    client = client("ada");
  }

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.uri("/v1").toString())
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private static ChatCompletionCreateParams chat(String said) {
    return ChatCompletionCreateParams.builder().model("fast").addUserMessage(said).build();
  }

  private static ResponseCreateParams.Builder ask(String model, String said) {
    return ResponseCreateParams.builder().model(model).input(said);
  }

  @Test
  void aChatCompletionIsWhole() {
    ChatCompletion completion = client.chat().completions().create(chat("hello")).validate();

    assertThat(completion.choices().getFirst().message().content()).contains("You said: hello");
  }

  @Test
  void aChatCompletionIsStreamed() {
    StringBuilder text = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> chunks =
        client.chat().completions().createStreaming(chat("hello"))) {
      chunks.stream()
          .map(ChatCompletionChunk::validate)
          .flatMap(chunk -> chunk.choices().stream())
          .forEach(choice -> choice.delta().content().ifPresent(text::append));
    }

    assertThat(text).hasToString("You said: hello");
  }

  @Test
  void aResponseIsWholeAndFoundAgain() {
    Response made = client.responses().create(ask("fast", "hello").build()).validate();

    assertThat(text(made)).isEqualTo("You said: hello");
    assertThat(text(client.responses().retrieve(made.id()))).isEqualTo("You said: hello");
    client.responses().delete(made.id());
    assertThatThrownBy(() -> client.responses().retrieve(made.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aStreamGoesOnAfterAnEvent() {
    List<ResponseStreamEvent> all;
    try (StreamResponse<ResponseStreamEvent> events =
        client.responses().createStreaming(ask("slow", "count to 9").build())) {
      all = events.stream().map(ResponseStreamEvent::validate).toList();
    }
    String id = all.getFirst().asCreated().response().id();
    List<ResponseStreamEvent> rest;
    try (StreamResponse<ResponseStreamEvent> events =
        client
            .responses()
            .retrieveStreaming(
                ResponseRetrieveParams.builder().responseId(id).startingAfter(5).build())) {
      rest = events.stream().toList();
    }

    assertThat(rest).hasSize(all.size() - 6).isEqualTo(all.subList(6, all.size()));
    assertThat(text(all.getLast().asCompleted().response())).isEqualTo("1 2 3 4 5 6 7 8 9");
  }

  @Test
  void aResponseInTheBackgroundIsCancelled() {
    Response made =
        client.responses().create(ask("slow", "count to 2000").background(true).build());

    assertThat(client.responses().cancel(made.id()).status()).contains(ResponseStatus.CANCELLED);
  }

  @Test
  void errorsAreThoseOfTheClient() {
    OpenAIClient stranger = client("wrong");
    assertThatThrownBy(() -> stranger.models().list()).isInstanceOf(UnauthorizedException.class);
    stranger.close();
    assertThatThrownBy(() -> client.responses().create(ask("nobody", "hello").build()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> client.chat().completions().create(chat("limit")))
        .isInstanceOf(RateLimitException.class);
    assertThat(client.models().list().data().getFirst().id()).isEqualTo("fast");
  }

  private static String text(Response response) {
    StringBuilder text = new StringBuilder();
    response.output().stream()
        .flatMap(item -> item.message().stream())
        .flatMap(message -> message.content().stream())
        .forEach(content -> text.append(content.asOutputText().text()));
    return text.toString();
  }
}
