package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SettingsTest {
  @Test
  void theDefaultsAreThoseOfTheOfficialServer() {
    EngineConfig defaults = EngineConfig.defaults();
    assertThat(defaults.pingInterval()).isEqualTo(Duration.ofSeconds(25));
    assertThat(defaults.pingTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(defaults.upgradeTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(defaults.maxPayload()).isEqualTo(1_000_000);
    assertThat(defaults.deflate()).isFalse();
    assertThat(defaults.cookie()).isNull();
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("ping-interval: PT0S", config -> config.pingInterval = Duration.ZERO),
        mistake("ping-timeout: PT48H", config -> config.pingTimeout = Duration.ofDays(2)),
        mistake(
            "upgrade-timeout: PT0.001S", config -> config.upgradeTimeout = Duration.ofMillis(1)),
        mistake("max-payload: 0", config -> config.maxPayload = 0),
        mistake(
            "transports: none",
            config -> {
              config.polling = false;
              config.webSocket = false;
            }),
        mistake("deflate-from-bytes: -1", config -> config.deflateFromBytes = -1),
        mistake("http-compression-from-bytes: -1", config -> config.httpCompressionFromBytes = -1),
        mistake("write-buffer-bytes: 0", config -> config.writeBufferBytes = 0),
        mistake("max-queued-bytes: 65535", config -> config.maxQueuedBytes = 65535),
        mistake("max-sessions: 0", config -> config.maxSessions = 0));
  }

  private interface Mistake {
    void make(TestConfig config);
  }

  private static Arguments mistake(String complaint, Mistake mistake) {
    TestConfig config = new TestConfig();
    mistake.make(config);
    return Arguments.of(complaint, config);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsNamedWithWhatWasExpected(String complaint, TestConfig config) {
    assertThatIllegalArgumentException()
        .isThrownBy(config::build)
        .withMessageStartingWith(complaint + " (expected: ");
  }

  @Test
  void aCookieHasTheAttributesItIsGiven() {
    assertThat(
            new SessionCookie("lb", "/chat", false, SessionCookie.SameSite.NONE, true).header("x"))
        .isEqualTo("lb=x; Path=/chat; SameSite=None; Secure");
    assertThat(new SessionCookie("lb", "/", true, SessionCookie.SameSite.STRICT, false).header("x"))
        .isEqualTo("lb=x; Path=/; HttpOnly; SameSite=Strict");
  }

  @ParameterizedTest
  @CsvSource({
    "a b, /, LAX, cookie.name: a b (expected: ",
    "'', /, LAX, cookie.name:  (expected: ",
    "io, chat, LAX, cookie.path: chat (expected: ",
    "io, /;x, LAX, cookie.path: /;x (expected: ",
    "io, /, NONE, cookie.same-site: none (expected: "
  })
  void aCookieThatBrowsersWouldNotTakeIsRefused(
      String name, String path, SessionCookie.SameSite sameSite, String complaint) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SessionCookie(name, path, true, sameSite, false))
        .withMessageStartingWith(complaint);
  }

  @ParameterizedTest
  @CsvSource({
    ", IDENTITY",
    "'', IDENTITY",
    "br, IDENTITY",
    "'br, GZIP', GZIP",
    "'deflate, gzip', GZIP",
    "deflate, DEFLATE",
    "*, GZIP",
    "gzip;q=0, IDENTITY",
    "'gzip; q=0.000, deflate;q=0.1', DEFLATE"
  })
  void theBetterOfWhatAClientAcceptsIsUsed(String accepted, Coding coding) {
    assertThat(Coding.accepted(accepted)).isEqualTo(coding);
  }
}
