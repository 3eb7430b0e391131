package dev.parley.wire.socketio.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.codec.SocketPacket.Ack;
import dev.parley.wire.socketio.codec.SocketPacket.Connect;
import dev.parley.wire.socketio.codec.SocketPacket.ConnectError;
import dev.parley.wire.socketio.codec.SocketPacket.Disconnect;
import dev.parley.wire.socketio.codec.SocketPacket.Event;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of both documents, and what the official parser accepts beside them. */
final class SocketPacketsTest {
  private static final String PART0 = "{\"_placeholder\":true,\"num\":0}";
  private static final String PART1 = "{\"_placeholder\":true,\"num\":1}";

  static Stream<Arguments> both() {
    return Stream.of(
        Arguments.of("0", new Connect("/")),
        Arguments.of("0/admin,", new Connect("/admin")),
        Arguments.of("1", new Disconnect("/")),
        Arguments.of("1/admin,", new Disconnect("/admin")),
        Arguments.of("2[\"foo\"]", event("/", "foo", -1, "[\"foo\"]")),
        Arguments.of("2/admin,[\"bar\"]", event("/admin", "bar", -1, "[\"bar\"]")),
        Arguments.of("212[\"foo\"]", event("/", "foo", 12, "[\"foo\"]")),
        Arguments.of("2[\"hello\",1]", event("/", "hello", -1, "[\"hello\",1]")),
        Arguments.of(
            "2/admin,456[\"project:delete\",123]",
            event("/admin", "project:delete", 456, "[\"project:delete\",123]")),
        Arguments.of("2[1,\"a\",{}]", event("/", "1", -1, "[1,\"a\",{}]")),
        Arguments.of("2/test,1[\"a\",1,{}]", event("/test", "a", 1, "[\"a\",1,{}]")),
        Arguments.of(
            "29007199254740991[\"last\"]",
            event("/", "last", 9_007_199_254_740_991L, "[\"last\"]")),
        Arguments.of("20[\"first\"]", event("/", "first", 0, "[\"first\"]")),
        Arguments.of("3/admin,456[]", new Ack("/admin", 456, Packets.payload("[]"))),
        Arguments.of("3/admin,13[\"bar\"]", new Ack("/admin", 13, Packets.payload("[\"bar\"]"))),
        Arguments.of(
            "4/admin,\"Not authorized\"",
            new ConnectError("/admin", Slice.utf8("\"Not authorized\""))),
        Arguments.of(
            "4{\"message\":\"Not authorized\"}",
            new ConnectError("/", Slice.utf8("{\"message\":\"Not authorized\"}"))),
        Arguments.of(
            "51-[\"baz\"," + PART0 + "]",
            event("/", "baz", -1, "[\"baz\"," + PART0 + "]", "01020304")),
        Arguments.of(
            "52-/admin,[\"baz\"," + PART0 + "," + PART1 + "]",
            event("/admin", "baz", -1, "[\"baz\"," + PART0 + "," + PART1 + "]", "0102", "0304")),
        Arguments.of(
            "51-/admin,456[\"project:delete\"," + PART0 + "]",
            event("/admin", "project:delete", 456, "[\"project:delete\"," + PART0 + "]", "010203")),
        Arguments.of(
            "51-/cool,23[\"a\",{\"b\":[\"c\"," + PART0 + "]}]",
            event("/cool", "a", 23, "[\"a\",{\"b\":[\"c\"," + PART0 + "]}]", "616263")),
        Arguments.of(
            "61-15[\"bar\"," + PART0 + "]",
            new Ack("/", 15, Packets.payload("[\"bar\"," + PART0 + "]", "01020304"))),
        Arguments.of(
            "61-/admin,1[" + PART0 + "]",
            new Ack("/admin", 1, Packets.payload("[" + PART0 + "]", "030201"))));
  }

  static Stream<Arguments> current() {
    return Stream.of(
        Arguments.of(
            "0/admin,{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}",
            new Connect("/admin", "", Slice.utf8("{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}"))),
        Arguments.of(
            "0{\"token\":\"123\"}", new Connect("/", "", Slice.utf8("{\"token\":\"123\"}"))),
        Arguments.of("0/admin?token=1,", new Connect("/admin?token=1")));
  }

  static Stream<Arguments> old() {
    return Stream.of(
        Arguments.of(
            "0/admin?token=1234&uid=abcd,",
            new Connect("/admin", "token=1234&uid=abcd", Slice.EMPTY)),
        Arguments.of("4/admin,", new ConnectError("/admin", Slice.EMPTY)),
        Arguments.of("4[1]", new ConnectError("/", Slice.utf8("[1]"))));
  }

  private static Event event(
      String namespace, String name, long ackId, String json, String... attachments) {
    return new Event(namespace, name, ackId, Packets.payload(json, attachments));
  }

  @ParameterizedTest
  @MethodSource("both")
  void theExamplesAreReadAndWrittenInBothRevisions(String text, SocketPacket packet) {
    for (Revision revision : Revision.values()) {
      isReadAndWritten(revision, text, packet);
    }
  }

  @ParameterizedTest
  @MethodSource("current")
  void connectCarriesAnObjectInRevision5(String text, SocketPacket packet) {
    isReadAndWritten(Revision.EIO4, text, packet);
  }

  @ParameterizedTest
  @MethodSource("old")
  void connectCarriesAQueryAndErrorAnythingInRevision4(String text, SocketPacket packet) {
    isReadAndWritten(Revision.EIO3, text, packet);
  }

  private static void isReadAndWritten(Revision revision, String text, SocketPacket packet) {
    Encoded encoded = Encoded.of(revision, packet);

    assertThat(encoded.frame()).hasToString("4" + text);
    assertThat(decode(revision, encoded)).isEqualTo(packet);
  }

  static @Nullable SocketPacket decode(Revision revision, Encoded encoded) {
    SocketDecoder decoder = new SocketDecoder(revision, Packets.JSON);
    SocketPacket decoded = decoder.onText(encoded.frame().from(1), 0);
    for (Slice attachment : encoded.attachments()) {
      assertThat(decoded).isNull();
      assertThat(decoder.isPending()).isTrue();
      decoded = decoder.onBinary(attachment, 0);
    }
    assertThat(decoder.isPending()).isFalse();
    return decoded;
  }

  @Test
  void aNamespaceAtTheEndNeedsNoComma() {
    SocketDecoder decoder = new SocketDecoder(Revision.EIO4, Packets.JSON);

    assertThat(decoder.onText(Slice.utf8("0/custom"), 0)).isEqualTo(new Connect("/custom"));
    assertThat(decoder.onText(Slice.utf8("1/custom"), 0)).isEqualTo(new Disconnect("/custom"));
  }

  @Test
  void aBinaryTypeWithoutAttachmentsIsComplete() {
    SocketDecoder decoder = new SocketDecoder(Revision.EIO4, Packets.JSON);

    assertThat(decoder.onText(Slice.utf8("50-[\"a\"]"), 0))
        .isEqualTo(event("/", "a", -1, "[\"a\"]"));
    assertThat(decoder.onText(Slice.utf8("60-7[]"), 0))
        .isEqualTo(new Ack("/", 7, Packets.payload("[]")));
  }

  @Test
  void theTextOfAnEventGoesOnAsItCame() {
    String json =
        "[ \"caf\\u00e9\", {\"n\": 1.50, \"n\": 1e2, \"__proto__\": {\"x\": \"\\ud800\"}} ]";
    SocketDecoder decoder = new SocketDecoder(Revision.EIO4, Packets.JSON);

    SocketPacket packet = decoder.onText(Slice.utf8("2/in,5" + json), 0);

    Event event = Packets.event(packet);
    assertThat(event.name()).isEqualTo("café");
    assertThat(event.wantsAck()).isTrue();
    assertThat(event.payload().json()).hasToString(json);
    Event onward = new Event("/out", event.name(), SocketPacket.NO_ACK, event.payload());
    assertThat(Encoded.of(Revision.EIO3, onward).frame()).hasToString("42/out," + json);
  }

  @Test
  void anEncodedPacketSharesItsBytesWithEveryTransport() {
    Encoded encoded =
        Encoded.of(Revision.EIO4, event("/", "baz", -1, "[\"baz\"," + PART0 + "]", "01020304"));

    List<EnginePacket> packets = encoded.packets();

    assertThat(packets).hasSize(2);
    assertThat(((EnginePacket.Text) packets.getFirst()).text().array())
        .isSameAs(encoded.frame().array());
    assertThat(packets.getLast()).isEqualTo(Packets.binary("01020304"));
    assertThat(Packets.written(out -> PollingFormat.RECORDS.write(packets, out)))
        .hasToString("451-[\"baz\"," + PART0 + "]\u001ebAQIDBA==");
  }
}
