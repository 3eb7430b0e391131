package dev.parley.toolcall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ToolsConfigTest {
  private static final URI URL = URI.create("https://app.example/tools?key=also-secret");

  @Test
  void anAddressNeedsASecretAndOneOnly() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(URL, null, null))
        .withMessage("tools.secret: none (expected: it or secret-file)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(URL, Trial.SECRET, Path.of("key")))
        .withMessage("tools.secret: two (expected: it or secret-file)");
  }

  @Test
  void aBadValueIsNamedAndASecretIsNot() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(URL, "hunter2", null))
        .withMessage("tools.secret: unusable (expected: whsec_ and 24 to 64 bytes in base64)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(URI.create("ftp://u:hunter2@app.example/x"), Trial.SECRET, null))
        .withMessageStartingWith("tools.url: ftp://app.example (expected: http or https")
        .withMessageNotContaining("hunter2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new ToolsConfig(URL, Trial.SECRET, null, Duration.ZERO, 4, 1 << 20, 256, 10_000))
        .withMessage("tools.timeout: PT0S (expected: above 0, at most 600s)");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new ToolsConfig(
                URL, Trial.SECRET, null, Duration.ofSeconds(1), 0, 1 << 20, 256, 10_000))
        .withMessage("tools.attempts: 0 (expected: 1 to 100)");
  }

  @Test
  void itIsPrintedWithoutWhatIsSecret() {
    assertThat(config(URL, Trial.SECRET, null)).hasToString("tools https://app.example");
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HttpToolBackend(config(URL, null, Path.of("/no/such/key"))))
        .withMessage("tools.secret-file: /no/such/key (expected: a readable file)");
  }

  private static ToolsConfig config(
      @Nullable URI url, @Nullable String secret, @Nullable Path file) {
    return new ToolsConfig(url, secret, file, Duration.ofSeconds(30), 4, 1 << 20, 256, 10_000);
  }
}
