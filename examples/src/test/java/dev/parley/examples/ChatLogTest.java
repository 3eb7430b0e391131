package dev.parley.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.server.ParleyServer;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChatLogTest {
  @Test
  void whatIsSaidAgainAfterARestartIsNotAddedAgain(@TempDir Path data) throws Exception {
    try (ParleyServer server = ParleyServer.builder().port(0).data(data).start()) {
      ChatLog log = open(server);
      assertThat(log.add("lobby", "tab", 0, "Ada", "hello")).isNull();
      assertThat(log.add("lobby", "tab", 1, "Ada", "anyone?")).isNull();
    }
    try (ParleyServer server = ParleyServer.builder().port(0).data(data).start()) {
      ChatLog log = open(server);
      assertThat(log.add("lobby", "tab", 1, "Ada", "anyone?")).isNull();
      assertThat(log.add("lobby", "tab", 2, "Ada", "well")).isNull();

      assertThat(log.latest("lobby"))
          .extracting(ChatLog.Line::text)
          .containsExactly("hello", "anyone?", "well");
    }
  }

  @Test
  void theLatestOfALongRoomAreItsLastInOrder() throws Exception {
    try (ParleyServer server = ParleyServer.builder().port(0).inMemory().start()) {
      ChatLog log = open(server);
      IntStream.range(0, 250).forEach(n -> log.add("lobby", "tab", n, "Ada", "line " + n));

      assertThat(log.latest("lobby"))
          .extracting(ChatLog.Line::text)
          .containsExactlyElementsOf(IntStream.range(50, 250).mapToObj(n -> "line " + n).toList());
      assertThat(log.latest("nobody-was-here")).isEmpty();
    }
  }

  @Test
  void aGapIsRefusedAndSaidSo() throws Exception {
    try (ParleyServer server = ParleyServer.builder().port(0).inMemory().start()) {
      ChatLog log = open(server);
      log.add("lobby", "tab", 0, "Ada", "hello");

      assertThat(log.add("lobby", "tab", 2, "Ada", "too soon")).startsWith("not taken: ");
      assertThat(log.latest("lobby")).hasSize(1);
    }
  }

  private static ChatLog open(ParleyServer server) {
    ChatLog log = new ChatLog();
    log.open(server.hub());
    return log;
  }
}
