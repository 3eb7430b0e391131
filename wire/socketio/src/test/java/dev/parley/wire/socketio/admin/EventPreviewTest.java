package dev.parley.wire.socketio.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.codec.Slice;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventPreviewTest {
  private static LiveEvent event(String json) {
    return new LiveEvent(
        1,
        0,
        LiveEvent.Kind.RECEIVED,
        List.of(Sockets.of("/", "a")),
        1,
        "e",
        Slice.utf8(json),
        json.length());
  }

  @Test
  void argumentsAreShownAsTheyCame() {
    LiveEvent event = event("[\"e\",1,{\"text\":\"hi\"},null,\"é\"]");
    assertThat(EventPreview.text(event, 100)).isEqualTo("1, {\"text\":\"hi\"}, null, \"é\"");
    assertThat(EventPreview.arguments(event)).hasSize(5);
  }

  @Test
  void bytesAreShownByTheirSize() {
    assertThat(
            EventPreview.text(event("[\"e\",{\"in\":{\"_placeholder\":true,\"num\":0}},2]"), 100))
        .isEqualTo("(44 bytes), 2");
  }

  @Test
  void longTextsAreCut() {
    assertThat(EventPreview.text(event("[\"e\",123456789]"), 4)).isEqualTo("1234…");
  }
}
