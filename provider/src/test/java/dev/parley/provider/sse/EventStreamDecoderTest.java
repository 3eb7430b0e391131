package dev.parley.provider.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class EventStreamDecoderTest {
  private static final String MIXED =
      "\uFEFF: a comment\n\ndata: first event\r\n\r\nevent: add\rdata: 73857293\r\r"
          + "data\n\ndata\ndata\n\nevent: none\n\ndata:no space\ndata:  two\nid: 7\nretry: 10\n\n"
          + "unknown: field\ndatax: not\ndata: grüße 👋🏽 \"x\"\nevent:ping\n\n: tail\n\ndata: lost";
  private static final List<String> EVENTS =
      List.of(
          "message|first event",
          "add|73857293",
          "message|",
          "message|\n",
          "message|no space\n two",
          "ping|grüße 👋🏽 \"x\"");

  private final List<String> events = new ArrayList<>();

  private EventStreamDecoder decoder(int max) {
    return new EventStreamDecoder(
        max,
        (type, data, length) ->
            events.add(type + "|" + new String(data, 0, length, StandardCharsets.UTF_8)));
  }

  private static void feed(EventStreamDecoder decoder, byte[] bytes, int from, int to) {
    ByteBuf piece = Unpooled.directBuffer().writeBytes(bytes, from, to - from);
    decoder.decode(piece);
    assertThat(piece.readableBytes()).isZero();
    piece.release();
  }

  @Test
  void fieldsCommentsAndAllLineEndsAreReadAsTheStandardSays() {
    byte[] bytes = MIXED.getBytes(StandardCharsets.UTF_8);
    feed(decoder(1000), bytes, 0, bytes.length);
    assertThat(events).isEqualTo(EVENTS);
  }

  @Test
  void aCutAtAnyPositionChangesNothing() {
    byte[] bytes = MIXED.getBytes(StandardCharsets.UTF_8);
    for (int cut = 0; cut <= bytes.length; cut++) {
      events.clear();
      EventStreamDecoder decoder = decoder(1000);
      feed(decoder, bytes, 0, cut);
      feed(decoder, bytes, cut, bytes.length);
      assertThat(events).as("cut at %s", cut).isEqualTo(EVENTS);
    }
  }

  @Test
  void anyNumberOfCutsChangesNothing() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] bytes = MIXED.getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 500; round++) {
      events.clear();
      EventStreamDecoder decoder = decoder(1000);
      int most = 1 + random.nextInt(12);
      for (int at = 0; at < bytes.length; ) {
        int end = Math.min(bytes.length, at + random.nextInt(most + 1));
        feed(decoder, bytes, at, end);
        at = end;
      }
      assertThat(events).as("seed %s, round %s", seed, round).isEqualTo(EVENTS);
    }
  }

  @Test
  void anEventAsLongAsAllowedIsReadAndOneThatIsLongerIsNot() {
    byte[] fits = ("data: " + "x".repeat(94) + "\n\n").getBytes(StandardCharsets.UTF_8);
    feed(decoder(100), fits, 0, fits.length);
    assertThat(events).hasSize(1);
    byte[] tooLong = ("data: " + "x".repeat(95) + "\n\n").getBytes(StandardCharsets.UTF_8);
    EventStreamDecoder decoder = decoder(100);
    assertThatThrownBy(() -> decoder.decode(Unpooled.wrappedBuffer(tooLong)))
        .isInstanceOf(TooLongFrameException.class)
        .hasMessageContaining("100");
  }

  @Test
  void manyShortLinesOfDataAreTooLongTogether() {
    byte[] line = "data: 0123456789\n".getBytes(StandardCharsets.UTF_8);
    EventStreamDecoder decoder = decoder(100);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 20; i++) {
                decoder.decode(Unpooled.wrappedBuffer(line));
              }
            })
        .isInstanceOf(TooLongFrameException.class);
  }

  @Test
  void aLongEventIsFollowedByShortOnes() {
    String text = "data: " + "y".repeat(50_000) + "\n\ndata: z\n\n";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    feed(decoder(100_000), bytes, 0, bytes.length);
    assertThat(events).hasSize(2).last().isEqualTo("message|z");
  }
}
