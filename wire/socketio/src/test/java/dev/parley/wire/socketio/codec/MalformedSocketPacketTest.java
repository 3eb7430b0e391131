package dev.parley.wire.socketio.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MalformedSocketPacketTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``               | packet: empty (expected: a packet type)",
        "999              | packet type: \"9\" (expected: 0 to 6)",
        "abc              | packet type: \"a\" (expected: 0 to 6)",
        "-1               | packet type: \"-\" (expected: 0 to 6)",
        "5                | attachments: \"\" (expected: a count and a dash)",
        "51               | attachments: \"1\" (expected: a count and a dash)",
        "5a-              | attachments: \"a\" (expected: a count and a dash)",
        "51.23-           | attachments: \"1.23\" (expected: a count and a dash)",
        "5-1-[\"a\"]      | attachments: \"\" (expected: a count and a dash)",
        "59999999999-[]   | attachments: \"9999999999\" (expected: a count and a dash)",
        "511-[\"a\"]      | attachments: 11 (expected: at most 10)",
        "2                | event: no payload (expected: an array)",
        "2/custom         | event: no payload (expected: an array)",
        "2{}              | event: \"{}\" (expected: an array)",
        "2\"a\"           | event: \"\"a\"\" (expected: an array)",
        "2[]              | event name: \"[]\" (expected: a string or a number, first in an array)",
        "2[true,\"foo\"]  | event name: \"[true,\"foo\"]\" (expected: a string or a number, first in an array)",
        "2[null,\"bar\"]  | event name: \"[null,\"bar\"]\" (expected: a string or a number, first in an array)",
        "2[{\"toString\":\"foo\"}] | event name: \"[{\"toString\":\"foo\"}]\" (expected: a string or a number, first in an array)",
        "2[\"connect\"]   | event name: \"connect\" (expected: none of the reserved names)",
        "2[\"connect_error\"] | event name: \"connect_error\" (expected: none of the reserved names)",
        "2[\"disconnect\",\"123\"] | event name: \"disconnect\" (expected: none of the reserved names)",
        "2[\"disconnecting\"] | event name: \"disconnecting\" (expected: none of the reserved names)",
        "2[\"newListener\"] | event name: \"newListener\" (expected: none of the reserved names)",
        "2[\"removeListener\"] | event name: \"removeListener\" (expected: none of the reserved names)",
        "2[\"\\u0063onnect\"] | event name: \"connect\" (expected: none of the reserved names)",
        "29007199254740992[\"a\"] | ack id: \"9007199254740992\" (expected: 0 to 9007199254740991)",
        "299999999999999999999[\"a\"] | ack id: \"99999999999999999999\" (expected: 0 to 9007199254740991)",
        "3[]              | ack id: none (expected: the id of the event)",
        "37{}             | ack: \"{}\" (expected: an array)",
        "37               | ack: no payload (expected: an array)",
        "0[]              | connect: \"[]\" (expected: an object)",
        "0/admin,\"x\"    | connect: \"\"x\"\" (expected: an object)",
        "0/admin,1        | ack id: 1 (expected: none)",
        "1/admin,{}       | disconnect: \"{}\" (expected: no payload)",
        "4                | connect error: no payload (expected: a string or an object)",
        "4[]              | connect error: \"[]\" (expected: a string or an object)",
        "51-[\"a\"]       | attachments: 1 (expected: 0, one per placeholder)",
        "51-[\"connect\"] | event name: \"connect\" (expected: none of the reserved names)",
        "61-[]            | ack id: none (expected: the id of the event)",
      })
  void eachMistakeIsNamed(String text, String message) {
    SocketDecoder decoder = new SocketDecoder(Revision.EIO4, Packets.JSON);

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> decoder.onText(Slice.utf8(text), 0))
        .withMessage(message);
    assertThat(decoder.isPending()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2[\"some\",\"data\"",
        "2/admin,\"invalid",
        "2[\"a\"]x",
        "2[\"a\"][\"b\"]",
        "2[\"a\",]",
        "2['a']",
        "2[\"a\",NaN]",
        "2[\"a\",01]",
        "2[\"a\",1.]",
        "2[\"a\",{\"b\"}]",
        "2[\"a\",{b:1}]",
        "2[\"a\",/**/1]",
        "2,[\"a\"]",
        "2abc[\"a\"]",
        "2[\"a\",\"\\x\"]",
        "2[\"a\",\"\u0001\"]",
        "2\uFEFF[\"a\"]",
        "2[\u0000\"\u0000a\u0000\"\u0000]\u0000",
        "2\u0000[\u0000]",
        "2-1[\"a\"]",
        "2[\"a\",tru]",
        "2[\"a\",\"\n\"]",
        "2/a\u0000b,[\"a\"]",
        "2/a\u007fb,[\"a\"]",
        "02",
        "4tru"
      })
  void whatIsNoJsonIsRefusedInEitherRevision(String text) {
    for (Revision revision : Revision.values()) {
      assertThatExceptionOfType(ProtocolException.class)
          .isThrownBy(() -> new SocketDecoder(revision, Packets.JSON).onText(Slice.utf8(text), 0))
          .withMessageContaining("(expected: ");
    }
  }

  @Test
  void aConnectOfRevision4HasNoPayload() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() ->
            new SocketDecoder(Revision.EIO3, Packets.JSON).onText(Slice.utf8("0{\"token\":1}"), 0))
        .withMessage("connect: \"{\"token\":1}\" (expected: no payload)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "2[\"a\",[[[1]]]]          | 2[\"a\",[[[[1]]]]]",
        "2[\"12345678\"]           | 2[\"123456789\"]",
        "2[\"a\",\"12345678\"]     | 2[\"a\",\"123456789\"]",
        "2[\"a\",{\"12345678\":1}] | 2[\"a\",{\"123456789\":1}]",
        "2[\"a\",123456]           | 2[\"a\",1234567]",
        "2[123456]                 | 2[1234567]",
        "2[\"a\",1.3456]           | 2[\"a\",1.34567]",
        "2/23456789abcdef,[\"a\"]  | 2/23456789abcdef01,[\"a\"]",
        "4\"12345678\"             | 4\"123456789\"",
      })
  void eachLimitHoldsAlsoForWhatIsNeverRead(String within, String above) {
    PayloadJson json = new PayloadJson(Packets.limits(64, 2, 8));

    assertThat(new SocketDecoder(Revision.EIO4, json).onText(Slice.utf8(within), 0)).isNotNull();
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> new SocketDecoder(Revision.EIO4, json).onText(Slice.utf8(above), 0));
  }

  @Test
  void aPacketAboveTheLimitIsRefusedUnread() {
    PayloadJson json = new PayloadJson(Packets.limits(16, 2, 8));

    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() ->
            new SocketDecoder(Revision.EIO4, json).onText(Slice.utf8("2" + "[".repeat(16)), 0))
        .withMessage("packet: 17 bytes (expected: at most 16)");
  }

  @Test
  void jsonOfAnyDepthIsRefusedNotFollowed() {
    for (String open : new String[] {"[", "{\"a\":"}) {
      String deep = "[\"a\"," + open.repeat(100_000);
      for (String head : new String[] {"2", "51-"}) {
        assertThatExceptionOfType(ProtocolException.class)
            .isThrownBy(() ->
                new SocketDecoder(Revision.EIO4, Packets.JSON).onText(Slice.utf8(head + deep), 0));
      }
    }
  }

  @Test
  void illFormedUtf8IsRefused() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() ->
            new SocketDecoder(Revision.EIO4, Packets.JSON)
                .onText(Packets.hex("32 5b 22 c3 28 22 5d"), 0))
        .withMessage("packet: byte 0xc3 at 3 (expected: UTF-8)");
  }

  @Test
  void limitsAreCheckedWhenBuilt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Packets.limits(0, 1, 1))
        .withMessage("max-payload: 0 (expected: 1 to 536870911)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CodecLimits(1, 1, 1, Duration.ZERO, 1, 1, 1, 1))
        .withMessage("attachment-timeout: PT0S (expected: above 0, at most 1 hour)");
  }

  @Test
  void aPacketOfOurOwnIsCheckedToo() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> new SocketPacket.Disconnect("a,b"));
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> new SocketPacket.Ack("/", 1L << 53, Packets.payload("[]")));
  }
}
