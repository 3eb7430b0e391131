package dev.parley.wire.socketio.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnginePacketsTest {
  static Stream<Arguments> textPackets() {
    return Stream.of(
        Arguments.of(
            "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\"}", open("{\"sid\":\"lv_VI97HAXpY6yYWAAAC\"}")),
        Arguments.of("0", open("")),
        Arguments.of("1", EnginePacket.CLOSE),
        Arguments.of("2", new EnginePacket.Ping(Slice.EMPTY)),
        Arguments.of("2probe", new EnginePacket.Ping(Slice.utf8("probe"))),
        Arguments.of("3", new EnginePacket.Pong(Slice.EMPTY)),
        Arguments.of("3probe", new EnginePacket.Pong(Slice.utf8("probe"))),
        Arguments.of("4hello", Packets.text("hello")),
        Arguments.of("4", Packets.text("")),
        Arguments.of("4€ and \uD83D\uDE00", Packets.text("€ and \uD83D\uDE00")),
        Arguments.of("5", EnginePacket.UPGRADE),
        Arguments.of("6", EnginePacket.NOOP));
  }

  private static EnginePacket open(String json) {
    return new EnginePacket.Open(Slice.utf8(json));
  }

  @ParameterizedTest
  @MethodSource("textPackets")
  void textPacketsAreReadAndWrittenAlikeInBothRevisions(String text, EnginePacket packet) {
    for (Revision revision : Revision.values()) {
      assertThat(EnginePackets.decodeText(revision, Slice.utf8(text))).isEqualTo(packet);
      assertThat(Packets.written(out -> EnginePackets.writeFrame(revision, packet, out)))
          .hasToString(text);
      assertThat(EnginePackets.textSize(revision, packet)).isEqualTo(Slice.utf8(text).length());
    }
  }

  @Test
  void bytesAreAFrameAsTheyAreInRevision4AndBehindTheirTypeInRevision3() {
    EnginePacket packet = Packets.binary("01 02 03 04");

    Slice current = Packets.written(out -> EnginePackets.writeFrame(Revision.EIO4, packet, out));
    Slice old = Packets.written(out -> EnginePackets.writeFrame(Revision.EIO3, packet, out));

    assertThat(current).isEqualTo(Packets.hex("01 02 03 04"));
    assertThat(old).isEqualTo(Packets.hex("04 01 02 03 04"));
    assertThat(EnginePackets.decodeBinary(Revision.EIO4, current)).isEqualTo(packet);
    assertThat(EnginePackets.decodeBinary(Revision.EIO3, old)).isEqualTo(packet);
    assertThat(EnginePackets.isBinary(packet)).isTrue();
  }

  @Test
  void bytesAsTextAreBase64() {
    EnginePacket packet = Packets.binary("01 02 03 04");

    Slice current = Packets.written(out -> EnginePackets.writeText(Revision.EIO4, packet, out));
    Slice old = Packets.written(out -> EnginePackets.writeText(Revision.EIO3, packet, out));

    assertThat(current).hasToString("bAQIDBA==");
    assertThat(old).hasToString("b4AQIDBA==");
    assertThat(EnginePackets.decodeText(Revision.EIO4, current)).isEqualTo(packet);
    assertThat(EnginePackets.decodeText(Revision.EIO3, old)).isEqualTo(packet);
    assertThat(EnginePackets.textSize(Revision.EIO4, packet)).isEqualTo(current.length());
    assertThat(EnginePackets.textSize(Revision.EIO3, packet)).isEqualTo(old.length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "a123",
        "{",
        "{}",
        "[\"a123\", \"a456\"]",
        "\u0000",
        "€",
        "1x",
        "5x",
        "6x",
        "b4*",
        "bx?",
        "b4AQID*A=",
        " 4hello",
        "B4AQIDBA=="
      })
  void malformedTextIsRefused(String text) {
    for (Revision revision : Revision.values()) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(() -> EnginePackets.decodeText(revision, Slice.utf8(text)))
          .withMessageContaining("(expected: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00", "02 01", "05", "07", "34 01", "ff"})
  void binaryFramesOfRevision3ThatAreNoMessagesAreRefused(String hex) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> EnginePackets.decodeBinary(Revision.EIO3, Packets.hex(hex)));
  }

  @ParameterizedTest
  @EnumSource(Revision.class)
  void illFormedUtf8IsRefusedWithItsPlace(Revision revision) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> EnginePackets.decodeText(revision, Packets.hex("34 61 c0 80")))
        .withMessage("packet: byte 0xc0 at 2 (expected: UTF-8)");
  }

  @Test
  void anUnknownTypeIsNamedWithWhatWasExpected() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> EnginePackets.decodeText(Revision.EIO4, Slice.utf8("9")))
        .satisfies(e ->
            assertThat(List.of(e.where(), e.what(), e.expected()))
                .containsExactly("packet type", "\"9\"", "0 to 6 or b"));
  }

  @Test
  void theHandshakeTellsMaxPayloadOnlyToRevision4() {
    Handshake handshake =
        new Handshake(
            "lv_VI97HAXpY6yYWAAAC",
            List.of("websocket"),
            java.time.Duration.ofSeconds(25),
            java.time.Duration.ofSeconds(20),
            1_000_000);

    assertThat(handshake.packet(Revision.EIO4).json())
        .hasToString(
            "{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],"
                + "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
    assertThat(handshake.packet(Revision.EIO3).json())
        .hasToString(
            "{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],"
                + "\"pingInterval\":25000,\"pingTimeout\":20000}");
  }
}
