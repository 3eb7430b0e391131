package dev.parley.wire.socketio.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PollingFormatTest {
  private static final EnginePacket HELLO = Packets.text("hello");
  private static final EnginePacket EURO = Packets.text("€");
  private static final EnginePacket BYTES = Packets.binary("01 02 03 04");

  static Stream<Arguments> bodies() {
    return Stream.of(
        body(
            PollingFormat.RECORDS,
            "4hello\u001e2\u001e4world",
            HELLO,
            ping(""),
            Packets.text("world")),
        body(PollingFormat.RECORDS, "4hello\u001ebAQIDBA==", HELLO, BYTES),
        body(
            PollingFormat.RECORDS,
            "0\u001e1\u001e2probe\u001e3probe\u001e4test",
            new EnginePacket.Open(Slice.EMPTY),
            EnginePacket.CLOSE,
            ping("probe"),
            new EnginePacket.Pong(Slice.utf8("probe")),
            Packets.text("test")),
        body(PollingFormat.RECORDS, "40", Packets.text("0")),
        body(
            PollingFormat.RECORDS,
            "42[\"hello\"]\u001e42[\"world\"]",
            Packets.text("2[\"hello\"]"),
            Packets.text("2[\"world\"]")),
        body(PollingFormat.COUNTED, "6:4hello2:4€", HELLO, EURO),
        body(PollingFormat.COUNTED, "2:4€10:b4AQIDBA==", EURO, BYTES),
        body(PollingFormat.COUNTED, "6:4hello6:4world", HELLO, Packets.text("world")),
        body(PollingFormat.COUNTED, "3:4\uD83D\uDE001:2", Packets.text("\uD83D\uDE00"), ping("")),
        body(PollingFormat.COUNTED, "0:"),
        body(
            PollingFormat.COUNTED,
            "16:42[\"hey\",\"Jude\"]2:40",
            Packets.text("2[\"hey\",\"Jude\"]"),
            Packets.text("0")),
        Arguments.of(
            PollingFormat.FRAMED,
            Packets.hex("00 04 ff 34 e2 82 ac 01 05 ff 04 01 02 03 04"),
            List.of(EURO, BYTES)),
        Arguments.of(
            PollingFormat.FRAMED,
            Packets.hex("00 06 ff 34 68 65 6c 6c 6f 01 05 ff 04 01 02 03 04"),
            List.of(HELLO, BYTES)),
        Arguments.of(
            PollingFormat.FRAMED,
            Packets.hex("01 01 02 ff 04 ff ff ff ff ff ff ff ff ff ff ff"),
            List.of(Packets.binary("ff".repeat(11)))));
  }

  private static Arguments body(PollingFormat format, String text, EnginePacket... packets) {
    return Arguments.of(format, Slice.utf8(text), List.of(packets));
  }

  private static EnginePacket ping(String data) {
    return new EnginePacket.Ping(Slice.utf8(data));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void bodiesAreReadAndWritten(PollingFormat format, Slice body, List<EnginePacket> packets) {
    assertThat(format.decode(body, Packets.LIMITS)).isEqualTo(packets);
    assertThat(Packets.written(out -> format.write(packets, out))).isEqualTo(body);
    assertThat(packets.stream().mapToInt(format::cost).sum() + 2)
        .isGreaterThanOrEqualTo(body.length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u001e",
        "4a\u001e",
        "\u001e4a",
        "4a\u001e\u001e4b",
        "abc",
        "{}",
        "4a\u001e9",
        "bA=B"
      })
  void malformedRecordsAreRefused(String body) {
    refuses(PollingFormat.RECORDS, Slice.utf8(body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abc",
        ":",
        ":4a",
        "4",
        "4:4ab",
        "2:4a3",
        "2:4a3:",
        "-1:4",
        "1.0:4",
        "+1:4",
        " 1:4",
        "2:4\uD83D\uDE00",
        "99999999999:4a",
        "999999999:4a",
        "1:9",
        "3:b4*",
        "1:7",
        "٣:4ab"
      })
  void malformedCountsAreRefused(String body) {
    refuses(PollingFormat.COUNTED, Slice.utf8(body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00 ff",
        "00 ff 34",
        "00 02 ff 34",
        "00 01 34",
        "02 01 ff 34",
        "01 01 ff 01",
        "01 04 ff 01 02 03 04",
        "00 00 ff",
        "01 00 ff",
        "00 0a ff 34",
        "00 31 ff 34",
        "00 09 09 09 09 09 09 09 09 09 ff 34",
        "00 01 01 01 01 01 01 01 01 01 01 ff 34",
        "00 02 ff 34 c3",
        "ff ff ff"
      })
  void malformedFramesAreRefused(String hex) {
    refuses(PollingFormat.FRAMED, Packets.hex(hex));
  }

  @Test
  void illFormedUtf8IsRefusedInEveryFormat() {
    refuses(PollingFormat.RECORDS, Packets.hex("34 ed a0 80"));
    refuses(PollingFormat.COUNTED, Packets.hex("32 3a 34 ed a0 80"));
    refuses(PollingFormat.FRAMED, Packets.hex("00 04 ff 34 ed a0 80"));
  }

  @Test
  void aBodyAboveTheLimitIsRefusedUnread() {
    CodecLimits small = Packets.limits(4, 1, 1);

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> PollingFormat.RECORDS.decode(Slice.utf8("4abcd"), small))
        .withMessage("body: 5 bytes (expected: at most 4)");
  }

  @Test
  void theFormatFollowsRevisionAndContent() {
    assertThat(PollingFormat.received(Revision.EIO4, true)).isEqualTo(PollingFormat.RECORDS);
    assertThat(PollingFormat.received(Revision.EIO3, true)).isEqualTo(PollingFormat.FRAMED);
    assertThat(PollingFormat.received(Revision.EIO3, false)).isEqualTo(PollingFormat.COUNTED);
    assertThat(PollingFormat.sent(Revision.EIO4, false, List.of(BYTES)))
        .isEqualTo(PollingFormat.RECORDS);
    assertThat(PollingFormat.sent(Revision.EIO3, false, List.of(HELLO, BYTES)))
        .isEqualTo(PollingFormat.FRAMED);
    assertThat(PollingFormat.sent(Revision.EIO3, true, List.of(HELLO, BYTES)))
        .isEqualTo(PollingFormat.COUNTED);
    assertThat(PollingFormat.sent(Revision.EIO3, false, List.of(HELLO)))
        .isEqualTo(PollingFormat.COUNTED);
  }

  private static void refuses(PollingFormat format, Slice body) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> format.decode(body, Packets.LIMITS))
        .withMessageContaining("(expected: ");
  }
}
