package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class QuestionJsonTest {
  private static String text(Question question) {
    return new String(
        QuestionJson.encode(
            question, "msg_1", Instant.parse("2026-11-21T20:00:00Z"), List.of("cookie", "origin")),
        StandardCharsets.UTF_8);
  }

  @Test
  void aPublishSaysWhoWhereAndWhat() {
    assertThat(text(Fakes.publish("hi")))
        .isEqualTo(
            "{\"id\":\"msg_1\",\"kind\":\"publish\",\"time\":\"2026-11-21T20:00:00Z\","
                + "\"namespace\":\"/chat\",\"socketId\":\"socket-1\",\"user\":\"alice\","
                + "\"data\":{\"level\":3},\"room\":\"lobby\",\"payload\":\"hi\"}");
  }

  @Test
  void aConnectCarriesWhatTheClientSaidAndTheHeadersThatWereChosen() {
    JsonNode handshake = JsonMapper.shared().readTree(text(Fakes.connect())).get("handshake");

    assertThat(handshake.toString())
        .isEqualTo(
            "{\"auth\":{\"token\":\"eyJ-private\"},\"query\":{\"EIO\":\"4\"},"
                + "\"headers\":{\"cookie\":\"session=1\"},\"address\":\"127.0.0.1\","
                + "\"secure\":true}");
  }

  @Test
  void bytesAreToldFromText() {
    assertThat(text(Fakes.event("file", "AAEC", List.of(new byte[] {0, 1, 2}))))
        .endsWith("\"event\":\"file\",\"arguments\":[\"AAEC\",[{\"_base64\":\"AAEC\"}]]}");
  }

  @Test
  void halfASurrogatePairIsEscaped() {
    assertThat(text(Fakes.event("x", "a\ud83d"))).containsIgnoringCase("\"a\\ud83d\"");
  }

  @Test
  void whatJsonCannotSayIsAnError() {
    List<Object> endless = new java.util.ArrayList<>();
    endless.add(endless);

    assertThatIllegalArgumentException().isThrownBy(() -> text(Fakes.publish(endless)));
  }

  @Test
  void aDisconnectSaysWhy() {
    assertThat(text(new Question.Disconnect(Fakes.ALICE, "transport close")))
        .endsWith("\"reason\":\"transport close\"}");
  }

  @Test
  void aSubscribeSaysWhere() {
    assertThat(text(new Question.Subscribe(Fakes.ALICE, "lobby")))
        .endsWith("\"data\":{\"level\":3},\"room\":\"lobby\"}");
  }
}
