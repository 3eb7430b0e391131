package dev.parley.wire.socketio.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

final class CodecFuzzTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @Property
  void anyBytesAreAPacketOrAProtocolException(
      @ForAll byte[] bytes, @ForAll Revision revision, @ForAll PollingFormat format) {
    survives(Slice.of(bytes), revision, format);
  }

  @Property(tries = 5000)
  void anythingMadeOfTheRightPiecesIsAPacketOrAProtocolException(
      @ForAll("pieces") String text, @ForAll Revision revision, @ForAll PollingFormat format) {
    survives(Slice.utf8(text), revision, format);
  }

  @Property
  void aChangedByteIsAPacketOrAProtocolException(
      @ForAll("packets") SocketPacket packet, @ForAll byte value, @ForAll int place) {
    byte[] changed = Encoded.of(Revision.EIO4, packet).frame().toArray();
    changed[Math.floorMod(place, changed.length)] = value;

    survives(Slice.of(changed), Revision.EIO4, PollingFormat.RECORDS);
  }

  private static void survives(Slice bytes, Revision revision, PollingFormat format) {
    attempt(() -> EnginePackets.decodeText(revision, bytes));
    attempt(() -> EnginePackets.decodeBinary(revision, bytes));
    attempt(() -> format.decode(bytes, Packets.LIMITS));
    attempt(() -> {
      SocketDecoder decoder = new SocketDecoder(revision, Packets.JSON);
      SocketPacket packet = decoder.onText(bytes, 0);
      while (packet == null) {
        packet = decoder.onBinary(bytes, 0);
      }
      Encoded again = Encoded.of(revision, packet);
      assertThat(SocketPacketsTest.decode(revision, again)).isEqualTo(packet);
      if (packet instanceof SocketPacket.Event event) {
        Attachments.reconstruct(Packets.JSON, event.payload());
      }
    });
  }

  private static void attempt(Runnable decoding) {
    try {
      decoding.run();
    } catch (ProtocolException e) {
      assertThat(e).message().contains(": ", "(expected: ").hasSizeLessThan(300);
    } catch (RuntimeException e) {
      fail("neither a packet nor a ProtocolException", e);
    }
  }

  @Property
  void enginePacketsComeBackFromEveryFormat(
      @ForAll("enginePackets") List<EnginePacket> packets, @ForAll PollingFormat format) {
    Slice body = Packets.written(out -> format.write(packets, out));

    assertThat(format.decode(body, Packets.LIMITS)).isEqualTo(packets);
  }

  @Property
  void socketPacketsComeBack(@ForAll("packets") SocketPacket packet, @ForAll Revision revision) {
    assertThat(SocketPacketsTest.decode(revision, Encoded.of(revision, packet))).isEqualTo(packet);
  }

  @Property
  void treesWithBytesComeBack(@ForAll("trees") List<JsonNode> elements) {
    SocketPacket.Payload payload = Attachments.deconstruct(Packets.JSON, elements);

    assertThat(Attachments.reconstruct(Packets.JSON, payload)).isEqualTo(elements);
  }

  @Property
  void utf8AgreesWithTheDecoderOfTheJdk(@ForAll("almostUtf8") byte[] bytes) {
    boolean wellFormed = true;
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      wellFormed = false;
    }
    boolean accepted = true;
    try {
      Utf8.require("text", Slice.of(bytes));
    } catch (ProtocolException e) {
      accepted = false;
    }

    assertThat(accepted).isEqualTo(wellFormed);
  }

  @Property
  void charactersAreCountedAsJavaAndJavaScriptCountThem(@ForAll("texts") String text) {
    Slice bytes = Slice.utf8(text);

    assertThat(Utf8.utf16Length(bytes)).isEqualTo(text.length());
    assertThat(Utf8.skip(bytes, 0, text.length())).isEqualTo(bytes.length());
    assertThat(Utf8.skip(bytes, 0, text.length() + 1)).isEqualTo(-1);
  }

  @Provide
  Arbitrary<String> pieces() {
    return Arbitraries.of(
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "12",
            "1-",
            "2-",
            "-",
            "/",
            "/ns",
            "?a=b",
            ",",
            "b",
            ":",
            "\u001e",
            "[",
            "]",
            "{",
            "}",
            "\"a\"",
            "\"connect\"",
            "\"_placeholder\":true",
            "\"num\":0",
            "{\"_placeholder\":true,\"num\":0}",
            "{\"_placeholder\":true,\"num\":1}",
            "[\"a\",",
            "[\"a\"]",
            "[]",
            "{}",
            "null",
            "1e999999",
            "-0",
            "1.5",
            "\\u0000",
            "\u0000",
            "€",
            "\uD83D\uDE00",
            "AQIDBA==",
            "9007199254740993",
            " ")
        .list()
        .ofMaxSize(12)
        .map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings()
        .withCharRange('a', 'e')
        .withChars('€', 'é', ':', '"')
        .ofMaxLength(20)
        .flatMap(text -> Arbitraries.of(text, text + "\uD83D\uDE00" + text));
  }

  @Provide
  Arbitrary<List<EnginePacket>> enginePackets() {
    Arbitrary<Slice> data = texts().map(Slice::utf8);
    return Arbitraries.<EnginePacket>oneOf(
            data.map(EnginePacket.Open::new),
            data.map(EnginePacket.Ping::new),
            data.map(EnginePacket.Pong::new),
            data.map(EnginePacket.Text::new),
            slices().map(EnginePacket.Binary::new),
            Arbitraries.of(EnginePacket.CLOSE, EnginePacket.UPGRADE, EnginePacket.NOOP))
        .list()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  private static Arbitrary<Slice> slices() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(40).map(Slice::of);
  }

  @Provide
  Arbitrary<SocketPacket> packets() {
    Arbitrary<String> namespace = Arbitraries.of("/", "/a", "/é-\uD83D\uDE00");
    Arbitrary<Long> ackId = Arbitraries.longs().between(0, SocketPacket.MAX_ACK);
    Arbitrary<SocketPacket.Payload> payload =
        trees()
            .map(rest -> {
              List<JsonNode> elements = new ArrayList<>(rest);
              elements.addFirst(StringNode.valueOf("name"));
              return Attachments.deconstruct(Packets.JSON, elements);
            });
    return Arbitraries.<SocketPacket>oneOf(
        namespace.map(SocketPacket.Connect::new),
        namespace.map(SocketPacket.Disconnect::new),
        namespace.map(at -> new SocketPacket.ConnectError(at, Slice.utf8("{\"message\":\"m\"}"))),
        Combinators.combine(namespace, ackId, payload).as(SocketPacket.Ack::new),
        Combinators.combine(namespace, ackId, payload)
            .as((at, id, data) -> new SocketPacket.Event(at, "name", id, data)),
        Combinators.combine(namespace, payload)
            .as((at, data) -> new SocketPacket.Event(at, "name", SocketPacket.NO_ACK, data)));
  }

  @Provide
  Arbitrary<List<JsonNode>> trees() {
    Arbitrary<JsonNode> leaf =
        Arbitraries.oneOf(
            texts().map(StringNode::valueOf),
            Arbitraries.integers().map(NODES::numberNode),
            Arbitraries.of(true, false).map(NODES::booleanNode),
            Arbitraries.just(NODES.nullNode()));
    Arbitrary<JsonNode> node =
        Arbitraries.lazyOf(
            () -> leaf,
            () -> leaf.list().ofMaxSize(3).map(list -> NODES.arrayNode().addAll(list)),
            () ->
                Combinators.combine(texts(), leaf)
                    .as((key, value) -> (JsonNode) NODES.objectNode().set(key, value)));
    Arbitrary<JsonNode> withBytes =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(5, node),
            net.jqwik.api.Tuple.of(
                1, slices().map(bytes -> (JsonNode) BinaryNode.valueOf(bytes.toArray()))));
    return withBytes
        .map(inner -> {
          ObjectNode outer = NODES.objectNode();
          outer.set("inner", inner);
          return (JsonNode) outer;
        })
        .list()
        .ofMaxSize(5);
  }

  @Provide
  Arbitrary<byte[]> almostUtf8() {
    return Arbitraries.of(
            0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
            0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff)
        .map(Integer::byteValue)
        .array(byte[].class)
        .ofMaxSize(6);
  }
}
