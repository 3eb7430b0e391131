package dev.parley.wire.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.transport.HttpError;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

final class JsonMessagesTest {
  private static final ObjectMapper ORACLE =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private final JsonMessages json = new JsonMessages(500);

  private List<String> split(String body) {
    return split(body.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> split(byte[] body) {
    return json.split(body).stream()
        .map(message -> new String(message.bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  private void refuses(byte[] body) {
    assertThatExceptionOfType(HttpError.class)
        .isThrownBy(() -> json.split(body))
        .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(400));
  }

  @Test
  void aValueIsOneMessage() {
    assertThat(split(" {\"a\": [1, 2]} \n")).containsExactly("{\"a\": [1, 2]}");
  }

  @Test
  void anArrayIsFlattenedOneLevelDeep() {
    assertThat(split("[[1,2], [3,4]]")).containsExactly("[1,2]", "[3,4]");
    assertThat(split("[[[1,2,3]]]")).containsExactly("[[1,2,3]]");
    assertThat(split("[ ]")).isEmpty();
    assertThat(split("[[]]")).containsExactly("[]");
  }

  @Test
  void bytesComeBackAsTheyWereSent() {
    String number = "1" + "0".repeat(5_000) + ".50E+3";
    assertThat(split("[ {\"b\":1,\"b\" : 2.0} ,\t\"\\u0041,]\\\"\" ,\r\n" + number + " ]"))
        .containsExactly("{\"b\":1,\"b\" : 2.0}", "\"\\u0041,]\\\"\"", number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "[,1]",
        "[1 2]",
        "nul",
        "{'a':1}",
        "1 2",
        "[] []",
        "{}]",
        "NaN",
        "\"\u0001\"",
        "01",
        "// x\n1",
        "\uFEFF[1]"
      })
  void whatIsNotJsonIsRefused(String body) {
    refuses(body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void otherEncodingsAreRefused() {
    refuses("[1]".getBytes(StandardCharsets.UTF_16BE));
    refuses("[1]".getBytes(StandardCharsets.UTF_16LE));
    refuses(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'});
    refuses(new byte[] {'"', (byte) 0xff, '"'});
    refuses(new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'});
  }

  @Test
  void deepNestingIsRefusedAtTheLimit() {
    assertThat(split("[".repeat(500) + "]".repeat(500))).hasSize(1);
    refuses(("[".repeat(501) + "]".repeat(501)).getBytes(StandardCharsets.UTF_8));
    refuses("[".repeat(8 << 20).getBytes(StandardCharsets.UTF_8));
    refuses("{\"a\":".repeat(1 << 20).getBytes(StandardCharsets.UTF_8));
  }

  @Property
  void agreesWithATreeOnWhatIsThere(@ForAll long seed) {
    StringBuilder text = new StringBuilder();
    write(new Random(seed), 5, text);
    byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);

    JsonNode tree = ORACLE.readTree(body);
    List<JsonNode> expected = tree.isArray() ? tree.valueStream().toList() : List.of(tree);
    assertThat(split(body).stream().map(ORACLE::readTree).toList()).isEqualTo(expected);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void agreesWithATreeOnWhatIsJson(@ForAll("nearlyJson") String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    JsonNode tree;
    try {
      tree = ORACLE.readTree(body);
    } catch (JacksonException e) {
      refuses(body);
      return;
    }
    if (tree == null || tree.isMissingNode()) {
      refuses(body);
      return;
    }
    List<JsonNode> parts = split(body).stream().map(ORACLE::readTree).toList();
    assertThat(parts).isEqualTo(tree.isArray() ? tree.valueStream().toList() : List.of(tree));
  }

  @Property
  void randomBytesNeverCauseAnythingElse(@ForAll byte[] body) {
    try {
      json.split(Arrays.copyOf(body, body.length));
    } catch (HttpError refusal) {
      assertThat(refusal.status()).isEqualTo(400);
    }
  }

  /** A JSON value, with spaces strewn in. */
  private static void write(Random random, int depth, StringBuilder out) {
    space(random, out);
    switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> out.append("true");
      case 1 -> out.append("null");
      case 2 -> out.append(random.nextLong());
      case 3 -> out.append(random.nextInt(100)).append(".5e").append(random.nextInt(9));
      case 4 -> out.append("\"],[{}:\\\"\\\\\\u00e9 \\n\"");
      case 5 -> out.append('"').append(Character.toString(0x20AC + random.nextInt(9))).append('"');
      case 6 -> {
        out.append('[');
        for (int i = random.nextInt(4); i > 0; i--) {
          write(random, depth - 1, out);
          out.append(i > 1 ? "," : "");
        }
        space(random, out);
        out.append(']');
      }
      default -> {
        out.append('{');
        for (int i = random.nextInt(4); i > 0; i--) {
          out.append('"').append(i).append("\":");
          write(random, depth - 1, out);
          out.append(i > 1 ? "," : "");
        }
        out.append('}');
      }
    }
    space(random, out);
  }

  private static void space(Random random, StringBuilder out) {
    out.append(" \t\r\n", 0, random.nextInt(8) == 0 ? 1 + random.nextInt(4) : 0);
  }

  @Provide
  Arbitrary<String> nearlyJson() {
    return Arbitraries.of("[", "]", "{", "}", ",", ":", "\"", "\"a\"", "\\", "1", "-", "null", " ")
        .list()
        .ofMaxSize(9)
        .map(parts -> String.join("", parts));
  }
}
