package dev.parley.testkit.upstream;

import static dev.parley.testkit.upstream.Running.chat;
import static dev.parley.testkit.upstream.Running.chatText;
import static dev.parley.testkit.upstream.Running.numbers;
import static dev.parley.testkit.upstream.Running.responses;
import static dev.parley.testkit.upstream.Running.whole;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ReplyTest {
  private static final String CHAT = "/v1/chat/completions";

  private Running upstream;

  ReplyTest() throws IOException {
    upstream = new Running();
  }

  @BeforeEach
  void hasNothingOpen() throws IOException {
    assertThat(upstream.stats().at("/connections/open").asInt()).isZero();
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  @Test
  void everyTokenArrivesOnceAndInOrder() throws IOException {
    Raw.Answer answer = upstream.ask(CHAT, chat("scripted?tokens=300&rate=5000"));

    assertThat(answer.headers()).containsEntry("content-type", "text/event-stream; charset=utf-8");
    assertThat(numbers(chatText(answer))).isEqualTo(upTo(300));
    assertThat(answer.data().getLast()).isEqualTo("[DONE]");
    assertThat(upstream.stats().path("tokens").asInt()).isEqualTo(300);
  }

  @Test
  void tokensAreStampedNoEarlierThanTheyAreDue() throws IOException {
    long begun = System.nanoTime();

    Raw.Answer answer = upstream.ask(CHAT, chat("scripted?tokens=5&rate=100&first=20ms"));

    List<Token> tokens = Token.parse(chatText(answer));
    for (int i = 0; i < 5; i++) {
      assertThat(tokens.get(i).nanos() - begun)
          .isGreaterThanOrEqualTo(20_000_000L + 10_000_000L * i);
    }
    assertThat(tokens.getLast().nanos()).isLessThanOrEqualTo(System.nanoTime());
  }

  @Test
  void aBurstIsOneWrite() throws IOException {
    try (Raw raw = upstream.connect()) {
      raw.post(CHAT, chat("scripted?tokens=9&burst=3&rate=300")).head();

      List<byte[]> chunks = raw.chunks();

      assertThat(chunks).hasSizeLessThanOrEqualTo(3); // fewer when the loop was late
    }
  }

  @Test
  void theEndOfAChatSaysWhyAndHowMuch() throws IOException {
    Raw.Answer answer = upstream.ask(CHAT, chat("scripted?tokens=3&rate=max&usage&cached=5"));

    List<String> data = answer.data();
    JsonNode end = Json.MAPPER.readTree(data.get(data.size() - 3));
    JsonNode usage = Json.MAPPER.readTree(data.get(data.size() - 2)).path("usage");
    assertThat(end.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
    assertThat(usage.path("completion_tokens").asInt()).isEqualTo(3);
    assertThat(usage.at("/prompt_tokens_details/cached_tokens").asInt()).isEqualTo(5);
  }

  @Test
  void theClientsLimitEndsTheReply() throws IOException {
    String body =
        chat("scripted?tokens=30&rate=max").replace("\"stream\"", "\"max_tokens\":4,\"stream\"");

    Raw.Answer answer = upstream.ask(CHAT, body);

    assertThat(numbers(chatText(answer))).isEqualTo(upTo(4));
    assertThat(answer.body()).contains("\"finish_reason\":\"length\"");
  }

  @Test
  void anAssistantsMessageAtTheEndIsContinued() throws IOException {
    String model = "scripted?tokens=10&rate=max";
    String said = chatText(upstream.ask(CHAT, chat("scripted?tokens=4&rate=max")));
    String turns =
        "{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"assistant\",\"content\":"
            + Json.quote(said)
            + "}";

    Raw.Answer answer = upstream.ask(CHAT, chat(model, turns));

    assertThat(numbers(said + chatText(answer))).isEqualTo(upTo(10));
    assertThat(numbers(chatText(upstream.ask(CHAT, chat(model + "&prefix=ignore", turns)))))
        .isEqualTo(upTo(10));
    assertThat(upstream.ask(CHAT, chat(model + "&prefix=refuse", turns)).status()).isEqualTo(400);
  }

  @Test
  void aToolIsCalledAndItsResultAnswered() throws IOException {
    String model = "scripted?tokens=3&rate=max&tool-call=weather:{\"city\":\"Zürich\",\"days\":3}";
    Raw.Answer call = upstream.ask(CHAT, chat(model));
    StringBuilder arguments = new StringBuilder();
    String id = "";
    for (String data : call.data().subList(0, call.data().size() - 1)) {
      JsonNode made = Json.MAPPER.readTree(data).at("/choices/0/delta/tool_calls/0");
      arguments.append(made.at("/function/arguments").asString(""));
      id += made.path("id").asString("");
    }

    Raw.Answer answer =
        upstream.ask(
            CHAT,
            chat(
                model,
                "{\"role\":\"user\",\"content\":\"Hello\"},{\"role\":\"tool\",\"tool_call_id\":\""
                    + id
                    + "\",\"content\":\"{\\\"sun\\\":true}\"}"));

    assertThat(arguments).hasToString("{\"city\":\"Zürich\",\"days\":3}");
    assertThat(call.body())
        .contains("\"finish_reason\":\"tool_calls\"")
        .contains("\"name\":\"weather\"");
    assertThat(chatText(answer)).startsWith("The tool said: {\"sun\":true}\n");
    assertThat(numbers(chatText(answer))).isEqualTo(upTo(3));
  }

  @Test
  void messagesAreBlocksWithAnEnd() throws IOException {
    String model = "scripted?tokens=3&reasoning=2&rate=max&tool-after=3&tool-call=find:{\"q\":1}";

    Raw.Answer answer = upstream.ask("/v1/messages", chat(model));

    assertThat(events(answer))
        .containsExactly(
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    StringBuilder text = new StringBuilder();
    for (String data : answer.data()) {
      text.append(Json.MAPPER.readTree(data).at("/delta/text").asString(""));
    }
    assertThat(numbers(text.toString())).isEqualTo(upTo(3));
    assertThat(answer.body()).contains("\"stop_reason\":\"tool_use\"");
  }

  @Test
  void responsesAreNumberedAndRepeatTheTextAtTheEnd() throws IOException {
    Raw.Answer answer =
        upstream.ask("/v1/responses", responses("scripted?tokens=20&reasoning=2&rate=max"));

    StringBuilder text = new StringBuilder();
    List<Integer> sequence = new ArrayList<>();
    for (String data : answer.data()) {
      JsonNode event = Json.MAPPER.readTree(data);
      sequence.add(event.path("sequence_number").asInt());
      if (event.path("type").asString().equals("response.output_text.delta")) {
        text.append(event.path("delta").asString());
      }
    }
    JsonNode last = Json.MAPPER.readTree(answer.data().getLast());
    assertThat(sequence).isEqualTo(IntStream.range(0, sequence.size()).boxed().toList());
    assertThat(numbers(text.toString())).isEqualTo(upTo(20));
    assertThat(last.path("type").asString()).isEqualTo("response.completed");
    assertThat(last.at("/response/output/1/content/0/text").asString()).isEqualTo(text.toString());
    assertThat(last.at("/response/usage/output_tokens").asInt()).isEqualTo(22);
  }

  @Test
  void responsesCallToolsAsItems() throws IOException {
    Raw.Answer answer =
        upstream.ask(
            "/v1/responses",
            responses("scripted?rate=max&tool-call=a:{}&tool-call=b:{\"long\":\"argument\"}"));

    JsonNode output = Json.MAPPER.readTree(answer.data().getLast()).at("/response/output");
    assertThat(output.at("/0/name").asString()).isEqualTo("a");
    assertThat(output.at("/1/arguments").asString()).isEqualTo("{\"long\":\"argument\"}");
    assertThat(output.at("/0/call_id").asString()).isNotEqualTo(output.at("/1/call_id").asString());
  }

  @Test
  void withoutStreamingTheReplyComesWhole() throws IOException {
    String model = "scripted?tokens=4&rate=1000";

    JsonNode chat = Json.MAPPER.readTree(upstream.ask(CHAT, whole(chat(model))).body());
    JsonNode message =
        Json.MAPPER.readTree(upstream.ask("/v1/messages", whole(chat(model))).body());
    JsonNode response =
        Json.MAPPER.readTree(upstream.ask("/v1/responses", whole(responses(model))).body());

    assertThat(numbers(chat.at("/choices/0/message/content").asString())).isEqualTo(upTo(4));
    assertThat(numbers(message.at("/content/0/text").asString())).isEqualTo(upTo(4));
    assertThat(numbers(response.at("/output/0/content/0/text").asString())).isEqualTo(upTo(4));
  }

  @Test
  void proseIsTheSameEveryTime() throws IOException {
    String once = chatText(upstream.ask(CHAT, chat("scripted?text=prose&tokens=90&rate=max")));

    assertThat(once)
        .startsWith("## What a reply can hold\n")
        .contains("```java", "naïve café", "👩‍👩‍👧‍👦");
    assertThat(chatText(upstream.ask(CHAT, chat("scripted?text=prose&tokens=90&rate=max"))))
        .isEqualTo(once);
  }

  @Test
  void aConnectionIsReusedAndTheStatisticsSaySo() throws IOException {
    try (Raw raw = upstream.connect()) {
      for (int i = 0; i < 4; i++) {
        raw.post(CHAT, chat("scripted?tokens=2&rate=max")).read();
      }

      JsonNode stats = upstream.stats();

      assertThat(stats.at("/connections/opened").asInt()).isOne();
      assertThat(stats.at("/connections/open").asInt()).isOne();
      assertThat(stats.path("requests").asInt()).isEqualTo(4);
      assertThat(stats.path("reused").asInt()).isEqualTo(3);
      assertThat(stats.at("/replies/finished").asInt()).isEqualTo(4);
      assertThat(stats.at("/replies/running").asInt()).isZero();
    }
  }

  private static List<String> events(Raw.Answer answer) {
    return answer
        .body()
        .lines()
        .filter(line -> line.startsWith("event: "))
        .map(line -> line.substring(7))
        .toList();
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }
}
