package dev.parley.wire.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.hub.Delivery;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.SharedFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class SseEncoderTest {
  private static final Instant NOW = Instant.parse("2024-10-09T00:20:00Z"); // interval 60

  private final SseEncoder encoder = new SseEncoder(64, new Cursors(InstantSource.fixed(NOW)));

  private static Delivery delivery(
      String type, boolean closed, boolean upToDate, byte[]... payloads) {
    List<Message> messages = new ArrayList<>();
    for (byte[] payload : payloads) {
      messages.add(new Message(messages.size() + 1, 0, true, 0, null, Payload.of(payload)));
    }
    StreamInfo info =
        new StreamInfo(
            StreamPath.of("s"),
            1,
            3,
            type,
            messages.size(),
            1,
            0,
            0,
            0,
            -1,
            -1,
            closed,
            false,
            null);
    return new Delivery(info, messages, upToDate);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String whole(Delivery delivery) {
    try (SseBatch batch = encoder.whole(delivery)) {
      SharedFrame frame = batch.frames().getFirst();
      String text = frame.body().toString(StandardCharsets.UTF_8);
      String chunk = frame.chunk().toString(StandardCharsets.UTF_8);
      assertThat(chunk)
          .isEqualTo(Integer.toHexString(frame.body().readableBytes()) + "\r\n" + text + "\r\n");
      return text;
    }
  }

  private static String data(String type, byte[]... payloads) {
    ByteBuf out = Unpooled.buffer();
    Delivery delivery = delivery(type, false, true, payloads);
    SseEncoder.writeData(
        out, ContentKind.of(type), delivery.messages(), 0, delivery.messages().size());
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aBatchIsOneDataEventAndItsControlEvent() {
    assertThat(whole(delivery("text/plain", false, true, utf8("one"), utf8("two"))))
        .isEqualTo(
            """
            event: data
            data:onetwo

            event: control
            data:{"streamNextOffset":"0000000003_0000000000000002","streamCursor":"60","upToDate":true}

            """);
  }

  @Test
  void jsonIsAnArray() {
    assertThat(whole(delivery("application/json", false, false, utf8("{\"a\":1}"), utf8("2"))))
        .isEqualTo(
            """
            event: data
            data:[{"a":1},2]

            event: control
            data:{"streamNextOffset":"0000000003_0000000000000002","streamCursor":"60"}

            """);
  }

  @Test
  void theLastEventOfAClosedStreamSaysSoWithoutACursor() {
    assertThat(whole(delivery("text/plain", true, true, utf8("bye"))))
        .endsWith(
            "data:{\"streamNextOffset\":\"0000000003_0000000000000001\",\"upToDate\":true,\"streamClosed\":true}\n\n");
  }

  @Test
  void aLargeBatchIsCutAtMessagesAndEveryPartIsPaired() {
    String text =
        whole(
            delivery(
                "text/plain", false, true, new byte[40], new byte[40], new byte[100], new byte[1]));

    assertThat(text.split("\n\n"))
        .extracting(event -> event.substring(0, event.indexOf('\n')))
        .containsExactly(
            "event: data",
            "event: control",
            "event: data",
            "event: control",
            "event: data",
            "event: control",
            "event: data",
            "event: control");
    assertThat(text.split("upToDate", -1)).hasSize(2);
  }

  @Test
  void partsHoldTheSameDataWithoutControls() {
    try (SseBatch batch =
        encoder.parts(delivery("text/plain", false, true, utf8("a"), new byte[64]))) {
      assertThat(batch.offsets()).containsExactly(1L, 2L);
      assertThat(batch.frames().getFirst().body().toString(StandardCharsets.UTF_8))
          .isEqualTo("event: data\ndata:a\n\n");
    }
  }

  @Test
  void everyLineBreakBeginsADataLineEvenAcrossMessages() {
    assertThat(data("text/plain", utf8("a\r\n\r\nevent: control\rdata: x\n\nb\r"), utf8("\nc")))
        .isEqualTo(
            "event: data\ndata:a\ndata:\ndata:event: control\ndata:data: x\ndata:\ndata:b\ndata:c\n\n");
  }

  @Test
  void aCharacterCutByMessagesIsWholeAgain() {
    byte[] euro = utf8("€");
    assertThat(data("text/plain", new byte[] {euro[0]}, new byte[] {euro[1], euro[2]}))
        .isEqualTo("event: data\ndata:€\n\n");
    assertThat(data("text/plain", new byte[] {'a', euro[0]}))
        .isEqualTo("event: data\ndata:a\uFFFD\n\n");
  }

  @Property
  void noTextEndsItsEvent(@ForAll @Size(min = 1, max = 4) List<String> texts) {
    String event =
        data("text/plain", texts.stream().map(SseEncoderTest::utf8).toArray(byte[][]::new));

    assertThat(event).endsWith("\n\n").startsWith("event: data\ndata:");
    assertThat(event.substring("event: data\n".length(), event.length() - 2).split("\n", -1))
        .allSatisfy(line -> assertThat(line).startsWith("data:").doesNotContain("\r"));
    String sent = new String(utf8(String.join("", texts)), StandardCharsets.UTF_8);
    assertThat(
            event
                .substring("event: data\ndata:".length(), event.length() - 2)
                .replace("\ndata:", "\n"))
        .isEqualTo(sent.replace("\r\n", "\n").replace('\r', '\n'));
  }

  @Property
  void bytesComeThroughInBase64(@ForAll byte[] bytes) {
    String event = data("application/octet-stream", bytes, bytes);

    byte[] twice = new byte[bytes.length * 2];
    System.arraycopy(bytes, 0, twice, 0, bytes.length);
    System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
    assertThat(Base64.getDecoder().decode(event.strip().substring("event: data\ndata:".length())))
        .isEqualTo(twice);
  }
}
