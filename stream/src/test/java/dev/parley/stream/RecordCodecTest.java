package dev.parley.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class RecordCodecTest {
  private static final Message PLAIN =
      new Message(7, 1_893_456_000_000L, true, 123_456_789, null, Payload.of(new byte[] {1, 2, 3}));

  @Property
  void whatIsWrittenIsRead(@ForAll("messages") Message message) {
    byte[] record = RecordCodec.encode(message);

    assertThat(record).hasSize(RecordCodec.encodedSize(message));
    assertThat(RecordCodec.decode(message.offset(), record))
        .usingRecursiveComparison()
        .isEqualTo(message);
  }

  @Property
  void noCutRecordIsRead(@ForAll("messages") Message message, @ForAll int cut) {
    byte[] record = RecordCodec.encode(message);
    int envelope = record.length - message.bytes().length;

    assertCorrupt(Arrays.copyOf(record, Math.floorMod(cut, envelope)));
  }

  @Property(tries = 20_000)
  void noBytesDoWorseThanBeingCorrupt(@ForAll byte[] record) {
    readOrCorrupt(record);
  }

  @Property(tries = 20_000)
  void noBytesBehindAGoodHeadDoWorseThanBeingCorrupt(@ForAll byte flags, @ForAll byte[] rest) {
    ByteBuffer record = ByteBuffer.allocate(2 + rest.length).put((byte) 1);
    readOrCorrupt(record.put((byte) (flags & 0x1F)).put(rest).array());
  }

  @Property
  void noFlippedBitDoesWorseThanBeingCorrupt(@ForAll("messages") Message message, @ForAll int at) {
    byte[] record = RecordCodec.encode(message);
    int bit = Math.floorMod(at, record.length * 8);
    record[bit / 8] ^= (byte) (1 << (bit % 8));

    readOrCorrupt(record);
  }

  @Test
  void aPlainMessageCostsAtMostSixteenBytes() {
    Message late =
        new Message(1, 4_000_000_000_000L, true, 1L << 55, null, Payload.of(new byte[] {1, 2, 3}));

    assertThat(RecordCodec.encode(PLAIN)).hasSizeLessThanOrEqualTo(3 + 12);
    assertThat(RecordCodec.encode(late)).hasSizeLessThanOrEqualTo(3 + 16);
  }

  @Test
  void theFirstVersionStaysReadable() {
    byte[] record =
        HexFormat.of()
            .parseHex(
                "01"
                    + "0f" // version 1; starts append, producer, headers, sealed
                    + "8090c5a48d37" // timestamp
                    + "959aef3a" // position
                    + "0170"
                    + "02"
                    + "05" // producer "p", epoch 2, seq 5
                    + "01"
                    + "016b"
                    + "0176" // k: v
                    + "036b6579" // "key"
                    + "010203");
    Message expected =
        new Message(
            7,
            varint("8090c5a48d37"),
            true,
            varint("959aef3a"),
            new ProducerStamp("p", 2, 5),
            new Payload(new byte[] {1, 2, 3}, Map.of("k", "v"), "key"));

    assertThat(RecordCodec.decode(7, record)).usingRecursiveComparison().isEqualTo(expected);
    assertThat(RecordCodec.encode(expected)).isEqualTo(record);
  }

  @Test
  void extensionsOfTheFutureAreSkipped() {
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    byte[] plain = RecordCodec.encode(PLAIN);
    record.write(plain[0]);
    record.write(plain[1] | 16);
    record.write(plain, 2, plain.length - 2 - 3);
    record.write(4);
    record.writeBytes(new byte[] {9, 9, 9, 9});
    record.writeBytes(PLAIN.bytes());

    assertThat(RecordCodec.decode(7, record.toByteArray()))
        .usingRecursiveComparison()
        .isEqualTo(PLAIN);
  }

  @Test
  void aNewerVersionIsNamed() {
    byte[] record = RecordCodec.encode(PLAIN);
    record[0] = 2;

    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> RecordCodec.decode(7, record))
        .withMessage("record at offset 7: format version: 2 (expected: 1 to 1)")
        .matches(e -> e.code() == StoreException.Code.CORRUPT);
  }

  @Test
  void itWritesIntoTheMiddleOfABuffer() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(100).position(10);
    RecordCodec.encode(PLAIN, buffer);
    int end = buffer.position();

    assertThat(end).isEqualTo(10 + RecordCodec.encodedSize(PLAIN));
    assertThat(RecordCodec.decode(7, buffer.position(10).limit(end)))
        .usingRecursiveComparison()
        .isEqualTo(PLAIN);
    assertThatExceptionOfType(BufferOverflowException.class)
        .isThrownBy(() -> RecordCodec.encode(PLAIN, ByteBuffer.allocate(4)));
  }

  @Test
  void headersAreBounded() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 33; i++) {
      many.put("h" + i, "");
    }

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Payload(new byte[0], many, null))
        .withMessage("headers: 33 (expected: <= 32)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Payload(new byte[0], Map.of("é", "é".repeat(2048)), null))
        .withMessage("headers: 4098 bytes (expected: <= 4096)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Payload(new byte[0], Map.of("h", "\uD800"), null))
        .withMessage("header value: lone surrogate (expected: Unicode text)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Payload(new byte[0], Map.of(), ""))
        .withMessage("key name: 0 characters (expected: 1 to 256)");
  }

  @Provide
  Arbitrary<Message> messages() {
    Arbitrary<String> text =
        Arbitraries.strings().withCharRange('\u0000', '\uD7FF').ofMinLength(1).ofMaxLength(20);
    Arbitrary<Long> big = Arbitraries.longs().between(0, Long.MAX_VALUE);
    Arbitrary<Long> small = Arbitraries.longs().between(0, ProducerStamp.MAX);
    Arbitrary<ProducerStamp> stamp = Combinators.combine(text, small, small).as(ProducerStamp::new);
    Arbitrary<Payload> payload =
        Combinators.combine(
                Arbitraries.bytes().array(byte[].class).ofMaxSize(50),
                Arbitraries.maps(text, text).ofMaxSize(5),
                text.injectNull(0.5))
            .as(Payload::new);
    return Combinators.combine(
            big, big, Arbitraries.of(true, false), big, stamp.injectNull(0.5), payload)
        .as(Message::new);
  }

  private static void readOrCorrupt(byte[] record) {
    try {
      assertThat(RecordCodec.decode(1, record).bytes().length).isLessThan(record.length);
    } catch (StoreException e) {
      assertThat(e.code()).isEqualTo(StoreException.Code.CORRUPT);
    }
  }

  private static void assertCorrupt(byte[] record) {
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> RecordCodec.decode(1, record))
        .matches(e -> e.code() == StoreException.Code.CORRUPT);
  }

  private static long varint(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    long value = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << 7 | (bytes[i] & 0x7F);
    }
    return value;
  }
}
