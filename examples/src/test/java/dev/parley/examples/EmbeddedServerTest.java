package dev.parley.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EmbeddedServerTest {
  @Test
  @Timeout(60)
  void theExampleHearsWhatWasSaidBeforeAndAfterItBeganToFollow() throws Exception {
    StringWriter printed = new StringWriter();
    EmbeddedServer.run(new PrintWriter(printed, true));
    assertThat(printed.toString())
        .containsSubsequence("hello", "hello to you", "The stream is closed");
  }
}
