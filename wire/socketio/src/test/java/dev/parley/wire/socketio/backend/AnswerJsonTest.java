package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.wire.socketio.backend.Question.Kind;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerJsonTest {
  private final AnswerJson answers = new AnswerJson(10_000);

  private Verdict decode(Kind kind, String json) throws UnansweredException {
    return answers.decode(kind, json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anAnswerToAConnectCarriesRoomsAndData() throws UnansweredException {
    Verdict verdict =
        decode(
            Kind.CONNECT,
            "{\"allow\":true,\"rooms\":[\"a\",\"b\"],\"socketData\":{\"level\":3,\"old\":null}}");

    assertThat(verdict.allowed()).isTrue();
    assertThat(verdict.rooms()).containsExactly("a", "b");
    assertThat(verdict.socketData()).containsEntry("level", 3).containsEntry("old", null);
  }

  @Test
  void anAnswerToAnEventRewritesAndReplies() throws UnansweredException {
    Verdict verdict =
        decode(
            Kind.EVENT,
            "{\"allow\":true,\"arguments\":[1.5,null,{\"_base64\":\"AAEC\"},{\"x\":[true]}],"
                + "\"reply\":[\"é\",123456789012345678901234567890]}");

    List<@Nullable Object> arguments = Objects.requireNonNull(verdict.arguments());
    assertThat(arguments).hasSize(4);
    assertThat(arguments.get(0)).isEqualTo(1.5);
    assertThat(arguments.get(1)).isNull();
    assertThat(arguments.get(2)).isEqualTo(new byte[] {0, 1, 2});
    assertThat(arguments.get(3)).isEqualTo(Map.of("x", List.of(true)));
    assertThat(verdict.reply())
        .containsExactly("é", new BigInteger("123456789012345678901234567890"));
  }

  @Test
  void nullStandsForNotSaid() throws UnansweredException {
    Verdict verdict =
        decode(Kind.PUBLISH, "{\"allow\":false,\"message\":null,\"data\":null,\"payload\":null}");

    assertThat(verdict)
        .isEqualTo(new Verdict(false, false, null, null, null, null, null, List.of(), Map.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "true",
        "[]",
        "<html>",
        "{\"allow\":true",
        "{\"allow\":true}}",
        "{}",
        "{\"allow\":\"true\"}",
        "{\"allow\":null}",
        "{\"allow\":1}"
      })
  void whatDoesNotSayTrueOrFalseIsNoAnswer(String json) {
    assertThatExceptionOfType(UnansweredException.class)
        .isThrownBy(() -> decode(Kind.SUBSCRIBE, json))
        .withMessageContaining("unusable (expected: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EVENT|{'allow':true,'arguements':[]}|key \"arguements\": unusable (expected: only allow,"
            + " arguments, data, message, reply)",
        "EVENT|{'allow':true,'payload':1}|key \"payload\": unusable",
        "SUBSCRIBE|{'allow':true,'rooms':[]}|key \"rooms\": unusable",
        "EVENT|{'allow':true,'arguments':{}}|arguments: unusable (expected: an array)",
        "EVENT|{'allow':true,'reply':'x'}|reply: unusable (expected: an array)",
        "EVENT|{'allow':true,'message':7}|message: unusable (expected: a string)",
        "CONNECT|{'allow':true,'rooms':'x'}|rooms: unusable (expected: an array)",
        "CONNECT|{'allow':true,'rooms':[1]}|rooms: unusable (expected: an array of strings)",
        "CONNECT|{'allow':true,'socketData':[]}|socketData: unusable (expected: an object)",
        "PUBLISH|{'allow':true,'payload':{'_base64':'?'}}|payload: _base64: unusable (expected:"
            + " base64)",
        "PUBLISH|{'allow':true,'payload':[{'_base64':1}]}|payload: _base64: unusable (expected: a"
            + " string)"
      })
  void aKeyThatMeansNothingHereOrHoldsTheWrongThingIsAnError(
      Kind kind, String json, String message) {
    assertThatExceptionOfType(UnansweredException.class)
        .isThrownBy(() -> decode(kind, json.replace('\'', '"')))
        .withMessageStartingWith(message);
  }

  @Test
  void aDeepAnswerIsRefused() {
    String deep = "[".repeat(100) + "]".repeat(100);

    assertThatExceptionOfType(UnansweredException.class)
        .isThrownBy(() -> decode(Kind.PUBLISH, "{\"allow\":true,\"payload\":" + deep + "}"));
  }

  @Test
  void anErrorRepeatsNoValue() {
    for (String json :
        Arrays.asList(
            "hunter2",
            "{\"allow\":\"hunter2\"}",
            "{\"allow\":true,\"arguments\":\"hunter2\"}",
            "{\"allow\":true,\"data\":{\"_base64\":\"hunter2?\"}}",
            "{\"allow\":true,\"data\":hunter2}")) {
      assertThatExceptionOfType(UnansweredException.class)
          .isThrownBy(() -> decode(Kind.EVENT, json))
          .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2"));
    }
  }
}
