package dev.parley.wire.socketio.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.hub.Caller;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.stream.StreamPath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminLoginTest {
  /** Of {@code correct horse}; as bcryptjs and as htpasswd write it. */
  private static final String HASH = "$2a$06$wI8DuXBUH7nzmksRvpcaqev5KJ8rYrn3qV01pbdYKHOmFo4LuhP/6";

  private long now = 1_000;

  private static AdminConfig config(@Nullable String username, @Nullable String hash) {
    return new AdminConfig(
        true, "/admin", AdminConfig.Mode.DEVELOPMENT, false, username, hash, null, 10, 10);
  }

  private AdminLogin login(String hash) {
    return new AdminLogin(config("ada", hash), null, true, this::time);
  }

  private Instant time() {
    return Instant.ofEpochMilli(now);
  }

  private record Bearer(boolean mayAdministrate, long expiresAt) implements Caller {
    @Override
    public boolean may(Right right, StreamPath path) {
      return false;
    }

    @Override
    public String subject() {
      return "ada";
    }
  }

  private static CompletableFuture<Caller> judge(String token) {
    return switch (token) {
      case "admin" -> CompletableFuture.completedFuture(new Bearer(true, 5_000));
      case "reader" -> CompletableFuture.completedFuture(new Bearer(false, 5_000));
      case "late" -> CompletableFuture.completedFuture(new Bearer(true, 500));
      default -> CompletableFuture.failedFuture(new IllegalArgumentException("not good"));
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"$2a$", "$2b$", "$2y$"})
  void theRightPasswordLetsIn(String version) throws Exception {
    AdminLogin.Granted granted =
        login(version + HASH.substring(4))
            .check(Map.of("username", "ada", "password", "correct horse"));
    assertThat(granted.session()).hasSize(32);
    assertThat(granted.expiresAt()).isEqualTo(1_000 + Duration.ofDays(1).toMillis());
  }

  @Test
  void everythingElseIsRefusedInTheSameWords() {
    AdminLogin login = login(HASH);
    for (Map<String, @Nullable Object> auth :
        List.<Map<String, @Nullable Object>>of(
            Map.of(),
            Map.of("username", "ada"),
            Map.of("username", "ada", "password", "Correct horse"),
            Map.of("username", "bob", "password", "correct horse"),
            Map.of("username", 7, "password", Map.of()),
            Map.of("sessionId", "guessed"))) {
      assertThatThrownBy(() -> login.check(auth))
          .isInstanceOf(ConnectRefusedException.class)
          .hasMessage("invalid credentials");
    }
  }

  @Test
  void aSessionLetsInUntilItEnds() throws Exception {
    AdminLogin login = login(HASH);
    AdminLogin.Granted first = login.check(Map.of("username", "ada", "password", "correct horse"));
    Map<String, @Nullable Object> session = Map.of("sessionId", String.valueOf(first.session()));
    assertThat(login.check(session)).isEqualTo(new AdminLogin.Granted(null, first.expiresAt()));
    now = first.expiresAt();
    assertThatThrownBy(() -> login.check(session)).isInstanceOf(ConnectRefusedException.class);
  }

  @Test
  void aTokenWithTheRightAdminLetsInAsLongAsItIsGood() throws Exception {
    AdminLogin login = new AdminLogin(config(null, null), AdminLoginTest::judge, false, this::time);
    assertThat(login.check(Map.of("token", "admin")).expiresAt()).isEqualTo(5_000);
    assertThat(login.check(Map.of("username", "", "password", "admin")).expiresAt())
        .isEqualTo(5_000);
    for (String token : new String[] {"reader", "late", "other"}) {
      assertThatThrownBy(() -> login.check(Map.of("token", token)))
          .isInstanceOf(ConnectRefusedException.class);
    }
  }

  @Test
  void whereEveryoneMayDoEverythingNothingIsAskedUnlessAPasswordIsSet() throws Exception {
    assertThat(new AdminLogin(config(null, null), null, true, this::time).check(Map.of()))
        .isEqualTo(new AdminLogin.Granted(null, Long.MAX_VALUE));
    AdminLogin closed = new AdminLogin(config(null, null), null, false, this::time);
    assertThatThrownBy(() -> closed.check(Map.of())).isInstanceOf(ConnectRefusedException.class);
  }
}
