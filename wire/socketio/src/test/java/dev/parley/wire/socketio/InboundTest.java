package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Limits on a clock that the test turns. */
final class InboundTest {
  private static final Duration BURST = Duration.ofSeconds(2);

  private long now = Long.MAX_VALUE - 5; // a clock may overflow
  private final InetAddress somewhere = address("192.0.2.1");

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text); // a number: nobody is asked
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static InboundConfig connection(int events, long bytes) {
    return new InboundConfig(events, bytes, 0, 0, 0, 0, BURST, false);
  }

  private Inbound inbound(InboundConfig config) {
    return Objects.requireNonNull(new Inbound.Limits(config, now).of(somewhere, now));
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private int letIn(Inbound inbound, int packets, int size, @Nullable Meter user) {
    int in = 0;
    for (int i = 0; i < packets; i++) {
      in += inbound.receive(size, user, now) == null ? 1 : 0;
    }
    return in;
  }

  @Test
  void aBurstComesInAtOnceAndNoMore() {
    assertThat(letIn(inbound(connection(100, 0)), 1_000, 10, null)).isEqualTo(200);
  }

  @Test
  void afterABurstTheRateIsLetIn() {
    Inbound inbound = inbound(connection(100, 0));
    letIn(inbound, 1_000, 10, null);
    int in = 0;
    for (int i = 0; i < 1_000; i++) {
      pass(Duration.ofMillis(1));
      in += letIn(inbound, 1, 10, null);
    }
    assertThat(in).isEqualTo(100);
  }

  @Test
  void bytesCountTooAndOneBigPacketIsPaidForLater() {
    Inbound inbound = inbound(connection(0, 1_000));
    assertThat(letIn(inbound, 2, 10_000, null)).isEqualTo(1);
    pass(Duration.ofSeconds(8));
    assertThat(letIn(inbound, 1, 1, null)).isZero();
    pass(Duration.ofMillis(1));
    assertThat(letIn(inbound, 1, 1, null)).isEqualTo(1);
  }

  @Test
  void aRefusalSaysWhenToComeBackAndThenItIsLetIn() {
    Inbound inbound = inbound(connection(100, 0));
    letIn(inbound, 200, 10, null);
    Inbound.Refusal refusal = Objects.requireNonNull(inbound.receive(10, null, now));
    assertThat(refusal.retryMillis()).isEqualTo(10);
    assertThat(refusal.message())
        .isEqualTo("rate: too many events (expected: 100 a second of one connection)");
    pass(Duration.ofMillis(refusal.retryMillis()));
    assertThat(letIn(inbound, 1, 10, null)).isEqualTo(1);
    assertThat(Objects.requireNonNull(inbound.receive(10, null, now)).retryMillis()).isEqualTo(10);
  }

  @Test
  void refusedPacketsCostNothing() {
    Inbound inbound = inbound(connection(100, 0));
    letIn(inbound, 100_000, 10, null);
    pass(Duration.ofSeconds(1));
    assertThat(letIn(inbound, 1_000, 10, null)).isEqualTo(100);
  }

  @Test
  void connectionsOfOneAddressShareItsLimit() {
    InboundConfig config = new InboundConfig(0, 0, 0, 0, 100, 0, BURST, false);
    Inbound.Limits limits = new Inbound.Limits(config, now);
    Inbound first = Objects.requireNonNull(limits.of(somewhere, now));
    Inbound second = Objects.requireNonNull(limits.of(somewhere, now));
    Inbound other = Objects.requireNonNull(limits.of(address("192.0.2.2"), now));

    assertThat(letIn(first, 150, 1, null)).isEqualTo(150);
    assertThat(letIn(second, 150, 1, null)).isEqualTo(50);
    assertThat(letIn(other, 150, 1, null)).isEqualTo(150);
    assertThat(Objects.requireNonNull(first.receive(1, null, now)).message()).endsWith("address)");
  }

  @Test
  void oneClientHasAWholePrefixOfIpv6() {
    assertThat(Meters.of(address("2001:db8::1"))).isEqualTo(Meters.of(address("2001:db8::ffff:2")));
    assertThat(Meters.of(address("2001:db8:0:1::1")))
        .isNotEqualTo(Meters.of(address("2001:db8::1")));
  }

  @Test
  void socketsOfOneUserShareItsLimitWhereverTheyComeFrom() {
    InboundConfig config = new InboundConfig(0, 0, 100, 0, 0, 0, BURST, false);
    Inbound.Limits limits = new Inbound.Limits(config, now);
    Inbound here = Objects.requireNonNull(limits.of(somewhere, now));
    Inbound there = Objects.requireNonNull(limits.of(address("192.0.2.2"), now));
    Meter alice = here.joined("alice", now);

    assertThat(there.joined("alice", now)).isSameAs(alice);
    assertThat(here.joined(null, now)).isNull();
    assertThat(letIn(here, 150, 1, alice)).isEqualTo(150);
    assertThat(letIn(there, 150, 1, alice)).isEqualTo(50);
    assertThat(letIn(there, 150, 1, null)).as("of nobody").isEqualTo(150);
  }

  @Test
  void whoComesBackAtOnceStartsWhereItWas() {
    InboundConfig config = new InboundConfig(0, 0, 0, 0, 100, 0, BURST, false);
    Inbound.Limits limits = new Inbound.Limits(config, now);
    Inbound first = Objects.requireNonNull(limits.of(somewhere, now));
    letIn(first, 1_000, 1, null);
    first.close(now);

    assertThat(letIn(Objects.requireNonNull(limits.of(somewhere, now)), 10, 1, null)).isZero();
  }

  @Test
  void addressesThatOweNothingAreForgotten() {
    InboundConfig config = new InboundConfig(0, 0, 0, 0, 100, 0, BURST, false);
    Inbound.Limits limits = new Inbound.Limits(config, now);
    for (int i = 0; i < 10_000; i++) {
      InetAddress each = address("10.0." + i / 256 + "." + i % 256);
      Inbound inbound = Objects.requireNonNull(limits.of(each, now));
      letIn(inbound, 50, 1, null);
      inbound.close(now);
    }
    assertThat(limits.addresses().size()).isEqualTo(10_000);
    pass(Duration.ofSeconds(2));
    Inbound next = limits.of(somewhere, now);
    assertThat(limits.addresses().size()).isEqualTo(1);
    Objects.requireNonNull(next).close(now);
    assertThat(limits.addresses().size()).isZero();
  }

  @Test
  void aClientHearsOfItOnceASecond() {
    Inbound inbound = inbound(connection(1, 0));
    letIn(inbound, 10, 1, null);
    assertThat(inbound.tells(now)).isTrue();
    pass(Duration.ofMillis(999));
    assertThat(inbound.tells(now)).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(inbound.tells(now)).isTrue();
  }

  @Test
  void whoGoesOnAtManyTimesTheLimitIsAFloodAfterSomeSeconds() {
    Inbound inbound = inbound(connection(100, 0));
    letIn(inbound, 200, 1, null);
    long start = now;
    while (!Objects.requireNonNull(inbound.receive(1, null, now)).flood()) {
      pass(Duration.ofNanos(1_000_000_000L / 1_200)); // 12 times the limit, less what is let in
      if (inbound.receive(1, null, now) == null) {
        continue;
      }
      assertThat(now - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
    }
    assertThat(now - start).isBetween(3_000_000_000L, 3_100_000_000L);
  }

  @Test
  void whoIsALittleOverTheLimitIsNoFlood() {
    Inbound inbound = inbound(connection(100, 0));
    for (int i = 0; i < 10_000; i++) { // 5 times the limit, 20 s
      pass(Duration.ofMillis(2));
      Inbound.Refusal refusal = inbound.receive(1, null, now);
      assertThat(refusal == null || !refusal.flood()).isTrue();
    }
  }

  @Test
  void thisMachineIsNotLimitedUnlessConfigured() {
    InboundConfig usual = InboundConfig.defaults();
    assertThat(new Inbound.Limits(usual, now).of(InetAddress.getLoopbackAddress(), now)).isNull();
    InboundConfig proxied = new InboundConfig(1, 1, 1, 1, 1, 1, BURST, true);
    assertThat(new Inbound.Limits(proxied, now).of(InetAddress.getLoopbackAddress(), now))
        .isNotNull();
  }

  @Test
  void zeroTurnsEachOff() {
    InboundConfig off = new InboundConfig(0, 0, 0, 0, 0, 0, BURST, false);
    Inbound inbound = inbound(off);
    assertThat(inbound.joined("alice", now)).isNull();
    assertThat(letIn(inbound, 100_000, 1_000_000, null)).isEqualTo(100_000);
  }

  @Test
  void badLimitsAreNamed() {
    assertThatThrownBy(() -> connection(-1, 0))
        .hasMessage("connection-events: -1 (expected: 0..1099511627776)");
    assertThatThrownBy(() -> new InboundConfig(1, 1, 1, 1, 1, 1, Duration.ZERO, false))
        .hasMessage("burst: PT0S (expected: PT0.001S..PT10M)");
  }
}
