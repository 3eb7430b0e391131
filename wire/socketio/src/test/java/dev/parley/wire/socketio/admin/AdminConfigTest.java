package dev.parley.wire.socketio.admin;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminConfigTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "admin, none, none, 1, 1, namespace: admin (expected: a name such as /admin)",
        "/, none, none, 1, 1, namespace: / (expected: a name such as /admin)",
        "/admin, ada, none, 1, 1, bcrypt-password: missing",
        "/admin, none, x, 1, 1, username: missing",
        "/admin, ada, correct horse, 1, 1, bcrypt-password: not shown",
        "/admin, none, none, -1, 1, max-sockets: -1 (expected: >= 0)",
        "/admin, none, none, 1, -1, max-events: -1 (expected: >= 0)",
      })
  void aBadValueIsNamedWithWhatWasExpected(
      String namespace,
      @Nullable String username,
      @Nullable String hash,
      int sockets,
      int events,
      String message) {
    assertThatThrownBy(() ->
            new AdminConfig(
                true,
                namespace,
                AdminConfig.Mode.PRODUCTION,
                false,
                username,
                hash,
                null,
                sockets,
                events))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
