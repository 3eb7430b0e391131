package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages of a run as events. */
final class WordsTest {
  private static String joined(String... messages) {
    return events(SseEncoder.JOINED, messages);
  }

  private static String events(SseEncoder encoder, String... messages) {
    List<Message> list = new ArrayList<>();
    for (String message : messages) {
      list.add(
          new Message(
              list.size() + 1,
              0,
              true,
              0,
              null,
              Payload.of(message.getBytes(StandardCharsets.UTF_8))));
    }
    ByteBuf out = encoder.events(list);
    try {
      return out.toString(StandardCharsets.UTF_8);
    } finally {
      out.release();
    }
  }

  @Test
  void wordsThatFollowEachOtherAreOneEventWithTheLastOffset() {
    assertThat(joined("{\"text\":\"a \"}", "{\"text\":\"\\\"é\\\\\"}", "{\"text\":\"\"}"))
        .isEqualTo("id: 3\ndata: {\"text\":\"a \\\"é\\\\\"}\n\n");
  }

  @Test
  void partsOfOtherKindsAndOtherCallsStayApart() {
    assertThat(
            joined(
                "{\"reasoning\":\"a\"}",
                "{\"reasoning\":\"b\"}",
                "{\"text\":\"c\"}",
                "{\"call\":0,\"arguments\":\"{\\\"x\\\"\"}",
                "{\"call\":0,\"arguments\":\":1}\"}",
                "{\"call\":1,\"arguments\":\"2\"}",
                "{\"state\":\"x\"}"))
        .isEqualTo(
            """
            id: 2
            data: {"reasoning":"ab"}

            id: 3
            data: {"text":"c"}

            id: 5
            data: {"call":0,"arguments":"{\\"x\\":1}"}

            id: 6
            data: {"call":1,"arguments":"2"}

            id: 7
            data: {"state":"x"}

            """);
  }

  @Test
  void whatIsNotWrittenByUsIsNotJoined() {
    for (String foreign :
        new String[] {
          "{\"text\":\"a\",\"more\":\"b\"}",
          "{\"text\":\"a\\\"}",
          "{\"text\":1}",
          "{\"text\":\"a\" }",
          "{\"text\":\"",
          "{\"text\":\"}",
          "{\"call\":,\"arguments\"",
          "[]",
          ""
        }) {
      assertThat(joined("{\"text\":\"a\"}", foreign, "{\"text\":\"b\"}"))
          .isEqualTo(
              "id: 1\ndata: {\"text\":\"a\"}\n\nid: 2\ndata: "
                  + foreign
                  + "\n\nid: 3\ndata: {\"text\":\"b\"}\n\n");
    }
  }

  @Test
  void noMessageCanEndItsEvent() {
    assertThat(joined("{\n\n\"text\":\r1}"))
        .isEqualTo("id: 1\ndata: {\ndata: \ndata: \"text\":\ndata: 1}\n\n");
  }

  @Test
  void eventsOfABranchAreNeverJoined() {
    assertThat(events(SseEncoder.EACH, "{\"text\":\"a\"}", "{\"text\":\"b\"}"))
        .isEqualTo("id: 1\ndata: {\"text\":\"a\"}\n\nid: 2\ndata: {\"text\":\"b\"}\n\n");
  }
}
