package dev.parley.wire.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The API by hand, over a real port. */
@Timeout(60)
final class OpenAiTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private OpenAiServer server;

  @BeforeEach
  void start() throws IOException {
    server = new OpenAiServer(0);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  // --- chat completions

  @Test
  void aChatCompletionIsWhatTheRunSaid() throws Exception {
    HttpResponse<String> answer = post("/v1/chat/completions", chat("fast", "hello"));

    JsonNode completion = json(answer);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("parley-ai-generated")).contains("true");
    assertThat(completion.path("object").stringValue()).isEqualTo("chat.completion");
    assertThat(completion.path("model").stringValue()).isEqualTo("fast");
    assertThat(completion.at("/choices/0/message/content").stringValue())
        .isEqualTo("You said: hello");
    assertThat(completion.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
    assertThat(completion.at("/usage/total_tokens").asInt()).isPositive();
    assertThat(completion.at("/metadata/ai").stringValue()).isEqualTo("true");
  }

  @Test
  void chunksJoinToTheSameAndEndWithUsageAndDone() throws Exception {
    List<String> data =
        data(
            stream(
                "/v1/chat/completions",
                """
                {"model":"fast","stream":true,"stream_options":{"include_usage":true},
                 "messages":[{"role":"user","content":"hello"}]}
                """));

    assertThat(data.getLast()).isEqualTo("[DONE]");
    List<JsonNode> chunks = parsed(data.subList(0, data.size() - 1));
    assertThat(joined(chunks, "/choices/0/delta/content")).isEqualTo("You said: hello");
    assertThat(chunks.getFirst().at("/choices/0/delta/role").stringValue()).isEqualTo("assistant");
    assertThat(chunks.getLast().path("choices").isEmpty()).isTrue();
    assertThat(chunks.getLast().at("/usage/completion_tokens").asInt()).isPositive();
  }

  @Test
  void whatTheRequestSaysHoldsForItsReplyAlone() throws Exception {
    var _ =
        post(
            "/v1/chat/completions",
            """
            {"model":"fast","temperature":0.3,"max_tokens":2,"stop":"END","top_k":5,
             "messages":[{"role":"system","content":"Be brief."},
                         {"role":"user","content":"one two three"}]}
            """);
    HttpResponse<String> next = post("/v1/chat/completions", chat("fast", "hello"));

    Prompt overridden = server.prompts.remove();
    Prompt plain = server.prompts.remove();
    assertThat(text(overridden.turns().getFirst())).isEqualTo("You are fast.\n\nBe brief.");
    assertThat(overridden.parameters().temperature()).isEqualTo(0.3);
    assertThat(overridden.parameters().stop()).containsExactly("END");
    assertThat(overridden.parameters().extra()).containsEntry("top_k", "5");
    assertThat(text(plain.turns().getFirst())).isEqualTo("You are fast.");
    assertThat(plain.parameters().temperature()).isNull();
    assertThat(json(next).at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
  }

  @Test
  void aLimitOfTokensEndsItWithLength() throws Exception {
    HttpResponse<String> answer =
        post(
            "/v1/chat/completions",
            """
            {"model":"fast","max_completion_tokens":2,"messages":[{"role":"user","content":"hi"}]}
            """);

    assertThat(json(answer).at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
  }

  @Test
  void toolsOfTheClientAreCalledByTheClient() throws Exception {
    String tools =
        """
        "tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object"}}}]
        """;
    JsonNode first =
        json(
            post(
                "/v1/chat/completions",
                "{\"model\":\"fast\","
                    + tools
                    + ",\"messages\":[{\"role\":\"user\",\"content\":\"call\"}]}"));
    JsonNode call = first.at("/choices/0/message/tool_calls/0");
    assertThat(first.at("/choices/0/finish_reason").stringValue()).isEqualTo("tool_calls");
    assertThat(call.at("/function/name").stringValue()).isEqualTo("get_weather");
    assertThat(call.at("/function/arguments").stringValue()).isEqualTo("{\"city\":\"Oslo\"}");

    JsonNode second =
        json(
            post(
                "/v1/chat/completions",
                "{\"model\":\"fast\","
                    + tools
                    + ",\"messages\":[{\"role\":\"user\",\"content\":\"call\"},"
                    + first.at("/choices/0/message")
                    + ",{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"rain\"}]}"));

    assertThat(second.at("/choices/0/message/content").stringValue())
        .isEqualTo("The tool says rain.");
    Prompt prompt = server.prompts.stream().skip(1).findFirst().orElseThrow();
    assertThat(prompt.turns().stream().map(PromptTurn::role))
        .containsExactly(PromptRole.SYSTEM, PromptRole.USER, PromptRole.ASSISTANT, PromptRole.TOOL);
  }

  @Test
  void toolsOfThePersonaAreCalledByTheServerAndNotShown() throws Exception {
    JsonNode completion = json(post("/v1/chat/completions", chat("fast", "call")));

    assertThat(completion.at("/choices/0/message/content").stringValue())
        .isEqualTo("The tool says \"sunny\".");
    assertThat(completion.at("/choices/0/message").has("tool_calls")).isFalse();
  }

  @Test
  void aChatThatNamesItsConversationGoesOnInIt() throws Exception {
    JsonNode first = json(post("/v1/chat/completions", chat("fast", "my name is Ada")));
    String conversation = first.at("/metadata/conversation").stringValue();

    var _ =
        post(
            "/v1/chat/completions",
            "{\"model\":\"fast\",\"metadata\":{\"conversation\":\""
                + conversation
                + "\"},\"messages\":[{\"role\":\"user\",\"content\":\"again\"}]}");

    Prompt prompt = server.prompts.stream().skip(1).findFirst().orElseThrow();
    assertThat(prompt.turns().stream().map(OpenAiTest::text))
        .containsExactly("You are fast.", "my name is Ada", "You said: my name is Ada", "again");
  }

  @Test
  void aChatCompletionIsFoundAgain() throws Exception {
    JsonNode first = json(post("/v1/chat/completions", chat("fast", "hello")));

    HttpResponse<String> again = get("/v1/chat/completions/" + first.path("id").stringValue());

    assertThat(json(again)).isEqualTo(first);
  }

  // --- responses

  @Test
  void aResponseIsFoundAgainAfterItsStreamHasExpired() throws Exception {
    JsonNode made = json(post("/v1/responses", ask("fast", "think")));
    String id = made.path("id").stringValue();
    assertThat(id).startsWith("resp_");
    assertThat(made.path("status").stringValue()).isEqualTo("completed");
    assertThat(made.at("/output/0/type").stringValue()).isEqualTo("reasoning");
    assertThat(made.at("/output/1/content/0/text").stringValue()).isEqualTo("Here it is.");
    assertThat(made.at("/metadata/ai").stringValue()).isEqualTo("true");

    assertThat(json(get("/v1/responses/" + id))).isEqualTo(made);
    server.expire(id);
    List<JsonNode> rest =
        events(
            get(
                "/v1/responses/" + id + "?stream=true&starting_after=3",
                BodyHandlers.ofInputStream()));
    assertThat(rest).hasSize(1);
    assertThat(rest.getFirst().path("response")).isEqualTo(made);
    assertThat(rest.getFirst().path("sequence_number").asInt()).isEqualTo(4);
    assertThat(json(get("/v1/responses/" + id))).isEqualTo(made);
  }

  @Test
  void eventsAreNumberedAndTheStreamGoesOnAfterAnyOfThemAlsoAfterARestart() throws Exception {
    String body = "{\"model\":\"slow\",\"input\":\"count to 40\",\"stream\":true}";
    String id;
    try (BufferedReader lines = reader(stream("/v1/responses", body))) {
      id = next(lines).at("/response/id").stringValue();
    }
    server.restart();
    List<JsonNode> all =
        events(get("/v1/responses/" + id + "?stream=true", BodyHandlers.ofInputStream()));
    List<JsonNode> rest =
        events(
            get(
                "/v1/responses/" + id + "?stream=true&starting_after=7",
                BodyHandlers.ofInputStream()));

    assertThat(all.stream().map(event -> event.path("sequence_number").asInt()))
        .containsExactlyElementsOf(
            java.util.stream.IntStream.range(0, all.size()).boxed().toList());
    assertThat(rest).isEqualTo(all.subList(8, all.size()));
    assertThat(all.getLast().path("type").stringValue()).isEqualTo("response.completed");
    assertThat(joined(all, "/delta")).startsWith("1 2 3").endsWith("39 40");
    assertThat(all.getLast().at("/response/output/0/content/0/text").stringValue())
        .isEqualTo(joined(all, "/delta"));
  }

  @Test
  void aResponseInTheBackgroundIsThereAtOnceAndCanBeCancelled() throws Exception {
    JsonNode made =
        json(
            post(
                "/v1/responses",
                "{\"model\":\"slow\",\"input\":\"count to 2000\",\"background\":true}"));
    String id = made.path("id").stringValue();
    assertThat(made.path("status").stringValue()).isIn("queued", "in_progress");
    assertThat(made.path("background").asBoolean()).isTrue();

    JsonNode cancelled = json(post("/v1/responses/" + id + "/cancel", ""));

    assertThat(cancelled.path("status").stringValue()).isEqualTo("cancelled");
    assertThat(json(get("/v1/responses/" + id)).path("status").stringValue())
        .isEqualTo("cancelled");
  }

  @Test
  void aClientThatLeavesDoesNotStopItUnlessItSaysSo() throws Exception {
    String going = leave(null);
    String stopping = leave("true");

    await(stopping, "cancelled");
    await(going, "completed");
  }

  @Test
  void goingOnFromAResponseGoesOnInItsConversation() throws Exception {
    JsonNode first = json(post("/v1/responses", ask("fast", "one")));

    JsonNode second = json(post("/v1/responses", after(first, "two")));
    JsonNode third = json(post("/v1/responses", after(second, "three")));

    assertThat(third.path("conversation")).isEqualTo(first.path("conversation"));
    assertThat(
            server.prompts.stream().skip(2).findFirst().orElseThrow().turns().stream()
                .map(OpenAiTest::text))
        .containsExactly("You are fast.", "one", "You said: one", "two", "You said: two", "three");
  }

  @Test
  void goingOnTwiceFromOneResponseBeginsAnotherConversationTheSecondTime() throws Exception {
    JsonNode first = json(post("/v1/responses", ask("fast", "one")));
    JsonNode _ = json(post("/v1/responses", after(first, "two")));

    JsonNode other = json(post("/v1/responses", after(first, "other")));

    assertThat(other.path("conversation")).isNotEqualTo(first.path("conversation"));
    assertThat(
            server.prompts.stream().skip(2).findFirst().orElseThrow().turns().stream()
                .map(OpenAiTest::text))
        .containsExactly("You are fast.", "one", "You said: one", "other");
  }

  @Test
  void theOutputOfAFunctionGoesOnFromItsCall() throws Exception {
    String tools = "\"tools\":[{\"type\":\"function\",\"name\":\"get_weather\",\"parameters\":{}}]";
    JsonNode first =
        json(post("/v1/responses", "{\"model\":\"fast\",\"input\":\"call\"," + tools + "}"));
    assertThat(first.at("/output/0/type").stringValue()).isEqualTo("function_call");

    JsonNode second =
        json(
            post(
                "/v1/responses",
                "{\"model\":\"fast\",\"previous_response_id\":\""
                    + first.path("id").stringValue()
                    + "\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\""
                    + first.at("/output/0/call_id").stringValue()
                    + "\",\"output\":\"rain\"}],"
                    + tools
                    + "}"));

    assertThat(second.at("/output/0/content/0/text").stringValue())
        .isEqualTo("The tool says rain.");
    assertThat(second.path("conversation")).isEqualTo(first.path("conversation"));
  }

  @Test
  void aDeletedResponseIsGoneAndThoseBesideItStay() throws Exception {
    JsonNode first = json(post("/v1/responses", ask("fast", "one")));
    JsonNode second = json(post("/v1/responses", after(first, "two")));
    String path = "/v1/responses/" + first.path("id").stringValue();

    HttpResponse<String> deleted =
        client.send(request(path, "ada").DELETE().build(), BodyHandlers.ofString());

    assertThat(json(deleted).path("deleted").asBoolean()).isTrue();
    assertThat(get(path).statusCode()).isEqualTo(404);
    assertThat(get("/v1/responses/" + second.path("id").stringValue()).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNotToBeStoredIsGoneWhenItWasSaid() throws Exception {
    JsonNode made =
        json(post("/v1/responses", "{\"model\":\"fast\",\"input\":\"hi\",\"store\":false}"));

    assertThat(made.path("status").stringValue()).isEqualTo("completed");
    assertThat(get("/v1/responses/" + made.path("id").stringValue()).statusCode()).isEqualTo(404);
    String conversation = made.at("/conversation/id").stringValue();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            server
                .conversations
                .view(conversation, it -> !it.exists() || it.deletedBy() != null)
                .join());
  }

  // --- errors

  @Test
  void aSpentBudgetIsAnInsufficientQuotaStreamedOrNot() throws Exception {
    for (String stream : List.of("", ",\"stream\":true")) {
      for (String[] asked :
          new String[][] {
            {"/v1/chat/completions", chat("fast", "hi")}, {"/v1/responses", ask("fast", "hi")}
          }) {
        String body = asked[1].replaceFirst("}$", stream + "}");
        HttpResponse<String> refused = postPoor(asked[0], body);
        assertError(refused, 429, "insufficient_quota");
        assertThat(json(refused).at("/error/type").stringValue()).isEqualTo("insufficient_quota");
        assertThat(json(refused).at("/error/message").stringValue()).contains("The budget of poor");
        assertThat(refused.headers().firstValue("x-should-retry")).contains("false");
      }
    }
    assertThat(server.prompts).isEmpty();
  }

  @Test
  void errorsHaveOpenAisForm() throws Exception {
    assertError(post("/v1/responses", ask("nobody", "hi")), 404, "model_not_found");
    assertError(post("/v1/chat/completions", chat("fast", "limit")), 429, "rate_limit_exceeded");
    assertError(post("/v1/responses", ask("fast", "limit")), 429, "rate_limit_exceeded");
    assertError(get("/v1/responses/resp_unknown"), 404, "not_found");
    assertError(get("/v1/models/nobody"), 404, "model_not_found");
    HttpResponse<String> stranger =
        client.send(request("/v1/models", "wrong").GET().build(), BodyHandlers.ofString());
    assertError(stranger, 401, "invalid_api_key");
  }

  @Test
  void badInputIsToldWhereItIs() throws Exception {
    assertInvalid("/v1/chat/completions", "{", "body: ");
    assertInvalid("/v1/chat/completions", "{\"model\":\"fast\",\"messages\":7}", "messages: 7");
    assertInvalid("/v1/chat/completions", "{\"model\":\"fast\",\"messages\":[]}", "messages: ");
    assertInvalid(
        "/v1/chat/completions",
        "{\"model\":\"fast\",\"messages\":[{\"role\":\"king\",\"content\":\"\"}]}",
        "messages[0].role: \"king\"");
    assertInvalid(
        "/v1/chat/completions",
        "{\"model\":\"fast\",\"temperature\":-1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
        "parameters.temperature: -1.0");
    assertInvalid(
        "/v1/chat/completions",
        "{\"model\":\"fast\",\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
        "n: 2");
    assertInvalid(
        "/v1/chat/completions",
        "{\"model\":\"fast\",\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"x\"}]}",
        "result of a tool: no call c");
    assertInvalid(
        "/v1/responses",
        "{\"model\":\"fast\",\"input\":\"x\",\"tools\":[{\"type\":\"web_search\"}]}",
        "tools[0].type: \"web_search\"");
    assertInvalid("/v1/responses", "{\"model\":\"fast\"}", "input: nothing");
  }

  @Test
  void whatFailsInTheMiddleIsToldInTheStream() throws Exception {
    List<String> chat =
        data(
            stream(
                "/v1/chat/completions",
                chat("fast", "break").replace("{\"model\"", "{\"stream\":true,\"model\"")));
    List<JsonNode> response =
        events(stream("/v1/responses", ask("fast", "break").replace("{", "{\"stream\":true,")));

    assertThat(parsed(chat).getLast().at("/error/message").stringValue()).isEqualTo("no more");
    assertThat(response.getLast().path("type").stringValue()).isEqualTo("response.failed");
    assertThat(response.getLast().at("/response/output/0/content/0/text").stringValue())
        .isEqualTo("So far");
  }

  @Test
  void anotherPersonFindsNothing() throws Exception {
    String id = json(post("/v1/responses", ask("fast", "hi"))).path("id").stringValue();

    for (String path : List.of("/v1/responses/" + id, "/v1/chat/completions/" + id)) {
      HttpResponse<String> bob =
          client.send(request(path, "bob").GET().build(), BodyHandlers.ofString());
      assertError(bob, 404, "not_found");
    }
  }

  @Test
  void personasAreModels() throws Exception {
    JsonNode models = json(get("/v1/models"));

    assertThat(models.at("/data/0/id").stringValue()).isEqualTo("fast");
    assertThat(json(get("/v1/models/slow")).path("object").stringValue()).isEqualTo("model");
  }

  // --- by hand

  private static String chat(String model, String said) {
    return "{\"model\":\""
        + model
        + "\",\"messages\":[{\"role\":\"user\",\"content\":\""
        + said
        + "\"}]}";
  }

  private static String ask(String model, String said) {
    return "{\"model\":\"" + model + "\",\"input\":\"" + said + "\"}";
  }

  private static String after(JsonNode response, String said) {
    return "{\"model\":\"fast\",\"previous_response_id\":\""
        + response.path("id").stringValue()
        + "\",\"input\":\""
        + said
        + "\"}";
  }

  private static String text(PromptTurn turn) {
    StringBuilder text = new StringBuilder();
    for (TurnPart part : turn.parts()) {
      text.append(part instanceof TurnPart.Text(String piece, String _) ? piece : "");
    }
    return text.toString();
  }

  private HttpRequest.Builder request(String path, String person) {
    return HttpRequest.newBuilder(server.uri(path))
        .header("authorization", "Bearer " + person)
        .timeout(Duration.ofSeconds(30));
  }

  /** Of one whose budget is spent. */
  private HttpResponse<String> postPoor(String path, String body) throws Exception {
    return client.send(
        request(path, OpenAiServer.POOR).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(path, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> get(String path, HttpResponse.BodyHandler<T> handler)
      throws Exception {
    return client.send(request(path, "ada").GET().build(), handler);
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(
        request(path, "ada").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<InputStream> stream(String path, String body) throws Exception {
    return client.send(
        request(path, "ada").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofInputStream());
  }

  /** A client that leaves after the first word; gives the response. */
  private String leave(@Nullable String stop) throws Exception {
    HttpRequest.Builder request = request("/v1/responses", "ada");
    if (stop != null) {
      request.header("parley-stop-on-disconnect", stop);
    }
    String body = "{\"model\":\"slow\",\"input\":\"count to 60\",\"stream\":true}";
    HttpResponse<InputStream> answer =
        client.send(
            request.POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            BodyHandlers.ofInputStream());
    try (BufferedReader lines = reader(answer)) {
      return next(lines).at("/response/id").stringValue();
    }
  }

  private void await(String id, String status) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(json(get("/v1/responses/" + id)).path("status").stringValue())
                .isEqualTo(status));
  }

  private static JsonNode json(HttpResponse<String> response) {
    return Fields.JSON.readTree(response.body());
  }

  private static BufferedReader reader(HttpResponse<InputStream> response) {
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  private static JsonNode next(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    while (!line.startsWith("data: ")) {
      line = lines.readLine();
    }
    return Fields.JSON.readTree(line.substring(6));
  }

  private static List<String> data(HttpResponse<InputStream> response) throws IOException {
    assertThat(response.statusCode()).isEqualTo(200);
    List<String> data = new ArrayList<>();
    try (BufferedReader lines = reader(response)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data: ")) {
          data.add(line.substring(6));
        }
      }
    }
    return data;
  }

  private static List<JsonNode> events(HttpResponse<InputStream> response) throws IOException {
    return parsed(data(response));
  }

  private static List<JsonNode> parsed(List<String> data) {
    return data.stream().map(Fields.JSON::readTree).toList();
  }

  private static String joined(List<JsonNode> nodes, String pointer) {
    StringBuilder joined = new StringBuilder();
    nodes.forEach(node -> joined.append(node.at(pointer).asString("")));
    return joined.toString();
  }

  private static void assertError(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(json(response).at("/error/code").stringValue()).isEqualTo(code);
    assertThat(json(response).at("/error/message").stringValue()).isNotEmpty();
    assertThat(json(response).at("/error/type").stringValue()).isNotEmpty();
  }

  private void assertInvalid(String path, String body, String message) throws Exception {
    HttpResponse<String> response = post(path, body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(json(response).at("/error/message").stringValue()).startsWith(message);
  }
}
