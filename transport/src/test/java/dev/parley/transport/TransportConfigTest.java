package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TransportConfigTest {
  static Stream<Arguments> outOfRange() {
    return Stream.of(
        refused(c -> c.host = " ", "transport.host: none (expected: an address or a name)"),
        refused(c -> c.port = 70_000, "transport.port: 70000 (expected: 0..65535)"),
        refused(c -> c.port = -1, "transport.port: -1 (expected: 0..65535)"),
        refused(c -> c.eventLoops = 0, "transport.event-loops: 0 (expected: 1..1024)"),
        refused(
            c -> c.loopRest = Duration.ofMillis(11),
            "transport.loop-rest: PT0.011S (expected: PT0S..PT0.01S)"),
        refused(
            c -> c.maxHeaderBytes = 100,
            "transport.max-header-bytes: 100 (expected: 256..1048576)"),
        refused(c -> c.maxBodyBytes = 0, "transport.max-body-bytes: 0 (expected: >= 1)"),
        refused(
            c -> c.maxInFlightBodyBytes = 99_999,
            "transport.max-in-flight-body-bytes: 99999 (expected: >= transport.max-body-bytes, 100000)"),
        refused(c -> c.maxConnections = 0, "transport.max-connections: 0 (expected: >= 1)"),
        refused(
            c -> c.maxConnectionsPerAddress = -5,
            "transport.max-connections-per-address: -5 (expected: >= 1)"),
        refused(
            c -> c.headerTimeout = Duration.ZERO,
            "transport.header-timeout: PT0S (expected: PT0.001S..PT24H)"),
        refused(
            c -> c.bodyTimeout = Duration.ofDays(300_000),
            "transport.body-timeout: PT7200000H (expected: PT0.001S..PT24H)"),
        refused(
            c -> c.minBodyBytesPerSecond = -1,
            "transport.min-body-bytes-per-second: -1 (expected: >= 0)"),
        refused(
            c -> c.idleTimeout = Duration.ofSeconds(-1),
            "transport.idle-timeout: PT-1S (expected: PT0.001S..PT24H)"),
        refused(c -> c.writeHighBytes = 0, "transport.write-high-bytes: 0 (expected: >= 1)"),
        refused(
            c -> c.writeLowBytes = 70_000,
            "transport.write-low-bytes: 70000 (expected: 0..transport.write-high-bytes, 65536)"),
        refused(
            c -> c.stalledWriteTimeout = Duration.ZERO,
            "transport.stalled-write-timeout: PT0S (expected: PT0.001S..PT24H)"),
        refused(
            c -> c.tlsCertificate = Path.of("chain.pem"),
            "transport.tls-key: none (expected: set together with transport.tls-certificate)"));
  }

  private static Arguments refused(Consumer<TestConfig> change, String message) {
    return Arguments.of(change, message);
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void whatIsOutOfRangeIsNamed(Consumer<TestConfig> change, String message) {
    TestConfig config = new TestConfig();
    change.accept(config);
    assertThatThrownBy(config::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void theDefaultsAreInRangeAndTakeAnotherPort() {
    TransportConfig defaults = TransportConfig.defaults();
    assertThat(defaults.withPort(0).port()).isZero();
    assertThat(defaults.withPort(8080)).isEqualTo(defaults);
  }
}
