package dev.parley.wire.durable.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateTargetsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:a00:1::1",
        "2002:7f00:1::"
      })
  void noneRefusesWhatIsNotPublic(String address) {
    assertThat(PrivateTargets.NONE.permits(InetAddress.ofLiteral(address), true)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.1.0.1",
        "2606:4700::1111",
        "2002:808:808::1"
      })
  void noneTakesPublicAddressesOverHttpsOnly(String address) {
    InetAddress parsed = InetAddress.ofLiteral(address);
    assertThat(PrivateTargets.NONE.permits(parsed, true)).isTrue();
    assertThat(PrivateTargets.NONE.permits(parsed, false)).isFalse();
  }

  @Test
  void loopbackOpensThisMachineAndNothingElse() {
    assertThat(PrivateTargets.LOOPBACK.permits(InetAddress.ofLiteral("127.0.0.1"), false)).isTrue();
    assertThat(PrivateTargets.LOOPBACK.permits(InetAddress.ofLiteral("::1"), true)).isTrue();
    assertThat(PrivateTargets.LOOPBACK.permits(InetAddress.ofLiteral("10.0.0.1"), true)).isFalse();
    assertThat(PrivateTargets.LOOPBACK.permits(InetAddress.ofLiteral("1.1.1.1"), false)).isFalse();
  }

  @Test
  void allOpensPrivateNetworksButNoGroupsAndNoPlainTextToTheInternet() {
    assertThat(PrivateTargets.ALL.permits(InetAddress.ofLiteral("10.0.0.1"), false)).isTrue();
    assertThat(PrivateTargets.ALL.permits(InetAddress.ofLiteral("224.0.0.1"), false)).isFalse();
    assertThat(PrivateTargets.ALL.permits(InetAddress.ofLiteral("0.0.0.0"), false)).isFalse();
    assertThat(PrivateTargets.ALL.permits(InetAddress.ofLiteral("1.1.1.1"), false)).isFalse();
  }

  @Test
  void theSettingIsReadFromItsNamesAndFromBooleans() {
    assertThat(PrivateTargets.of("false")).isEqualTo(PrivateTargets.NONE);
    assertThat(PrivateTargets.of("true")).isEqualTo(PrivateTargets.ALL);
    assertThat(PrivateTargets.of("loopback")).isEqualTo(PrivateTargets.LOOPBACK);
    assertThatThrownBy(() -> PrivateTargets.of("yes"))
        .hasMessage("webhooks.allow-private: yes (expected: none, loopback or all)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.0.0.1/hook",
        "https://10.0.0.1/hook",
        "http://example.com/hook",
        "https://user@example.com/",
        "https://example.com/#part",
        "ftp://example.com/",
        "https:///nowhere",
        "https://example.com:99999/",
        "https://[fd00::1]/",
        "http://169.254.169.254/latest/meta-data",
        "https://127.1/hook",
        "https://0x7f.0.0.1/hook",
        "not a url"
      })
  void aUrlIsRefusedAsWritten(String url) {
    assertThatThrownBy(() -> WebhookTarget.parse(url, PrivateTargets.LOOPBACK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("webhook.url: ");
  }

  @Test
  void aNameIsJudgedByTheAddressItHasWhenItIsCalled() {
    assertThatThrownBy(() ->
            WebhookTarget.resolve(
                URI.create("https://localhost/hook"),
                PrivateTargets.NONE,
                InetAddress::getAllByName))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("webhook host localhost");
    // A number that only the resolver takes for 127.0.0.1.
    assertThatThrownBy(() ->
            WebhookTarget.resolve(
                URI.create("https://2130706433/hook"),
                PrivateTargets.NONE,
                InetAddress::getAllByName))
        .isInstanceOf(IOException.class);
  }
}
