package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpTeachesByExample() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("parley serve --port 9000", "config", "token");
    assertThat(out.toString()).doesNotContain("rehearse");
  }

  @Test
  void aMintedTokenIsOneTheServerTakes() throws Exception {
    assertThat(run("token", "--secret", SECRET, "--read", "chat/*", "--ttl", "5m")).isZero();
    TokenCaller caller =
        new Tokens(
                SECRET.getBytes(StandardCharsets.UTF_8),
                null,
                AccessConfig.defaults(),
                InstantSource.system())
            .verify(out.toString().strip());
    assertThat(caller.patterns()).hasSize(1);
  }

  @Test
  void aTokenThatAllowsNothingIsNotMinted() {
    assertThat(run("token", "--secret", SECRET)).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains("--read");
  }

  @Test
  void aShortSecretMintsNothing() {
    assertThat(run("token", "--secret", "short", "--read", "**")).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains("too short");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aBadSettingEndsWithASentenceAndNoTrace() {
    assertThat(run("config", "--set", "transport.prot=1")).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains("did you mean transport.port?").doesNotContain("Exception");
  }

  @Test
  void configShowsWhatIsInForce() {
    assertThat(run("config", "--port", "9000")).isZero();
    assertThat(out.toString().lines())
        .anyMatch(line -> line.matches("transport\\.port +9000 +--port"));
  }

  private int run(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    return commandLine.execute(args);
  }
}
