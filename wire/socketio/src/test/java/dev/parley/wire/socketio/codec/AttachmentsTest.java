package dev.parley.wire.socketio.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.StringNode;

final class AttachmentsTest {
  private static final String TWO =
      "52-[\"a\",{\"_placeholder\":true,\"num\":1},{\"x\":[{\"_placeholder\":true,\"num\":0}]}]";

  private final SocketDecoder decoder = new SocketDecoder(Revision.EIO4, Packets.JSON);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"splice\"",
        "1",
        "-1",
        "0.5",
        "0.0",
        "null",
        "true",
        "[]",
        "{}",
        "2147483648",
        "1e0",
        "99999999999999999999"
      })
  void aPlaceholderThatPointsNowhereIsRefusedBeforeThePartsCome(String num) {
    String text = "51-[\"hello\",{\"_placeholder\":true,\"num\":" + num + "}]";

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> decoder.onText(Slice.utf8(text), 0))
        .withMessageStartingWith("placeholder: num ");
    assertThat(decoder.isPending()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "52-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":0}]",
        "52-[\"a\",{\"_placeholder\":true,\"num\":0}]",
        "51-[\"a\",{\"_placeholder\":true}]",
        "51-[\"a\",{\"_placeholder\":\"true\",\"num\":0}]",
        "51-[\"a\",{\"_placeholder\":1,\"num\":0}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
        "51-{\"_placeholder\":true,\"num\":0}",
        "51-[{\"_placeholder\":true,\"num\":0}]"
      })
  void placeholdersAndPartsMustMatch(String text) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> decoder.onText(Slice.utf8(text), 0));
    assertThat(decoder.isPending()).isFalse();
  }

  @Test
  void partsAreFoundAnywhereInTheTree() {
    assertThat(decoder.onText(Slice.utf8(TWO), 0)).isNull();
    assertThat(decoder.onBinary(Packets.hex("0a"), 0)).isNull();
    SocketPacket packet = decoder.onBinary(Packets.hex("0b"), 0);

    List<JsonNode> elements =
        Attachments.reconstruct(Packets.JSON, Packets.event(packet).payload());
    assertThat(elements.get(1)).isEqualTo(BinaryNode.valueOf(new byte[] {0x0b}));
    assertThat(elements.get(2).get("x").get(0)).isEqualTo(BinaryNode.valueOf(new byte[] {0x0a}));
  }

  @Test
  void partsAreTakenOutInTheirOrderAndTheTreeStaysAsItWas() {
    JsonNode tree = JsonNodeFactory.instance.objectNode().put("bytes", new byte[] {1});
    List<JsonNode> elements =
        List.of(StringNode.valueOf("a"), tree, BinaryNode.valueOf(new byte[] {2}));

    SocketPacket.Payload payload = Attachments.deconstruct(Packets.JSON, elements);

    assertThat(payload)
        .isEqualTo(
            Packets.payload(
                "[\"a\",{\"bytes\":{\"_placeholder\":true,\"num\":0}},"
                    + "{\"_placeholder\":true,\"num\":1}]",
                "01",
                "02"));
    assertThat(tree.get("bytes").isBinary()).isTrue();
    assertThat(Attachments.reconstruct(Packets.JSON, payload)).isEqualTo(elements);
  }

  @Test
  void aForgedPlaceholderBesideBytesIsRefusedAndAloneIsPlainData() {
    JsonNode forged = Packets.tree("{\"_placeholder\":true,\"num\":0}");

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() ->
            Attachments.deconstruct(
                Packets.JSON, List.of(forged, BinaryNode.valueOf(new byte[1]))));
    SocketPacket.Payload alone = Attachments.deconstruct(Packets.JSON, List.of(forged));
    assertThat(Attachments.reconstruct(Packets.JSON, alone)).containsExactly(forged);
  }

  @Test
  void aTreeWithoutEndIsRefused() {
    ArrayNode circle = JsonNodeFactory.instance.arrayNode();
    circle.add(circle);

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> Attachments.deconstruct(Packets.JSON, List.of(circle)))
        .withMessage("payload: nested too deep (expected: within max-depth)");
  }

  @Test
  void numbersThatJsonCannotHoldBecomeNull() {
    JsonNodeFactory nodes = JsonNodeFactory.instance;

    SocketPacket.Payload payload =
        Attachments.deconstruct(
            Packets.JSON,
            List.of(
                nodes.numberNode(Double.NaN),
                nodes.numberNode(Float.POSITIVE_INFINITY),
                nodes.numberNode(new BigDecimal("1E+400"))));

    assertThat(payload.json()).hasToString("[null,null,1E+400]");
  }

  @Test
  void halfASurrogatePairIsEscaped() {
    SocketPacket.Payload payload =
        Attachments.deconstruct(
            Packets.JSON,
            List.of(StringNode.valueOf("\uD83D\uDE00"), StringNode.valueOf("\uD800 é")));

    Utf8.require("payload", payload.json());
    assertThat(Attachments.reconstruct(Packets.JSON, payload))
        .containsExactly(StringNode.valueOf("\uD83D\uDE00"), StringNode.valueOf("\uD800 é"));
  }

  @Test
  void keysLikePrototypesArePlainData() {
    String json = "[\"a\",{\"__proto__\":{\"admin\":true},\"constructor\":1,\"prototype\":[]}]";
    SocketPacket packet = decoder.onText(Slice.utf8("2" + json), 0);

    assertThat(Attachments.reconstruct(Packets.JSON, Packets.event(packet).payload()))
        .isEqualTo(List.of(StringNode.valueOf("a"), Packets.tree(json).get(1)));
  }

  @Test
  void textBetweenPartsIsRefusedAndNothingStaysPending() {
    assertThat(decoder.onText(Slice.utf8(TWO), 0)).isNull();
    assertThat(decoder.onBinary(Packets.hex("0a"), 0)).isNull();

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> decoder.onText(Slice.utf8("2[\"hello\"]"), 0))
        .withMessage("message: text (expected: 1 more attachments)");
    assertThat(decoder.onText(Slice.utf8("2[\"hello\"]"), 0)).isNotNull();
  }

  @Test
  void bytesWithoutTextAreRefused() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> decoder.onBinary(Slice.utf8("world"), 0))
        .withMessage("message: 5 bytes (expected: a text before bytes)");
  }

  @Test
  void partsTogetherStayBelowTheirBound() {
    SocketDecoder small =
        new SocketDecoder(
            Revision.EIO4,
            new PayloadJson(new CodecLimits(1000, 2, 8, Duration.ofSeconds(5), 16, 8, 100, 6)));
    assertThat(small.onText(Slice.utf8(TWO), 0)).isNull();
    assertThat(small.onBinary(Packets.hex("00".repeat(8)), 0)).isNull();

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> small.onBinary(Packets.hex("00"), 0))
        .withMessage("attachments: 9 bytes (expected: at most 8)");
    assertThat(small.isPending()).isFalse();
  }

  @Test
  void partsThatNeverComeAreGivenUp() {
    long timeout = Packets.LIMITS.attachmentTimeout().toNanos();
    long start = Long.MAX_VALUE - 10; // the clock may wrap
    assertThat(decoder.onText(Slice.utf8(TWO), start)).isNull();
    assertThat(decoder.deadlineNanos()).isEqualTo(start + timeout);
    decoder.onTime(start + timeout - 1);

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> decoder.onTime(start + timeout))
        .withMessage("attachments: 2 missing (expected: all within PT20S)");
    assertThat(decoder.isPending()).isFalse();
    decoder.onTime(start + 2 * timeout);
  }

  @Test
  void aPartThatComesTooLateIsRefused() {
    assertThat(decoder.onText(Slice.utf8(TWO), 0)).isNull();

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() ->
            decoder.onBinary(Packets.hex("0a"), Packets.LIMITS.attachmentTimeout().toNanos()));
  }
}
