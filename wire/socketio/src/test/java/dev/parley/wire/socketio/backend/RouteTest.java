package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.wire.socketio.backend.Question.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RouteTest {
  private static final URI URL = URI.create("https://app.example/ask");

  private static Route with(@Nullable URI url, @Nullable String secret, @Nullable Path secretFile) {
    Route d = Route.defaults();
    return new Route(
        d.namespace(),
        d.events(),
        url,
        secret,
        secretFile,
        d.timeout(),
        d.onFailure(),
        d.headers(),
        d.maxInFlight(),
        d.maxWaiting(),
        d.maxAnswerBytes(),
        d.circuit());
  }

  @ParameterizedTest
  @CsvSource({
    "/chat,/chat,true",
    "/chat,/chat/a,false",
    "/,/,true",
    "/*,/,false",
    "/**,/,false",
    "/*,/chat,true",
    "/*,/chat/a,false",
    "/room-*,/room-7,true",
    "/room-*,/hall-7,false",
    "/**,/a/b,true"
  })
  void aNamespaceIsANameOrAPattern(String namespace, String name, boolean covered) {
    assertThat(Routes.to(URL).of(namespace, "connect").route().names().test(name))
        .isEqualTo(covered);
  }

  @Test
  void kindsAndCustomEventsAreTwoThings() {
    Route all = Routes.to(URL).of("/", "*").route();
    Route some = Routes.to(URL).of("/", "connect", "message").route();

    assertThat(all.covers(Kind.EVENT, "anything")).isTrue();
    assertThat(all.covers(Kind.EVENT, "subscribe")).isTrue();
    assertThat(all.covers(Kind.CONNECT, "")).isFalse();
    assertThat(some.covers(Kind.CONNECT, "")).isTrue();
    assertThat(some.covers(Kind.EVENT, "message")).isTrue();
    assertThat(some.covers(Kind.EVENT, "connect")).isFalse();
    assertThat(some.covers(Kind.EVENT, "other")).isFalse();
    assertThat(some.covers(Kind.PUBLISH, "")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://a/",
        "/ask",
        "https:opaque",
        "https://name:hunter2@a/",
        "https://a/#hunter2",
        "http:///hunter2",
        "http://a:0/hunter2",
        "http://a:70000/hunter2"
      })
  void anAddressThatCannotBeUsedIsRefusedWithoutItsSecrets(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(URI.create(url), RealBackend.SECRET, null))
        .withMessageStartingWith("url: ")
        .satisfies(e -> assertThat(e).hasMessageNotContaining("hunter2"));
  }

  @Test
  void whatHasNoDefaultIsAskedForByItsKey() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BackendConfig(List.of(with(null, RealBackend.SECRET, null))))
        .withMessage("routes[0].url: none (expected: an http or https URL)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BackendConfig(List.of(with(URL, null, null))))
        .withMessage("routes[0].secret: none (expected: it or secret-file)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(URL, RealBackend.SECRET, Path.of("key")))
        .withMessage("secret-file: key (expected: not both it and secret)");
  }

  @Test
  void boundsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Routes.to(URL).within(Duration.ZERO).route())
        .withMessage("timeout: PT0S (expected: above 0, at most 60s)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Routes.to(URL).atMost(0, 0).route())
        .withMessage("max-in-flight: 0 (expected: >= 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Routes.to(URL).of("chat", "connect").route())
        .withMessage("namespace: chat (expected: a name as /chat or a pattern as /room-*)");
    assertThatIllegalArgumentException().isThrownBy(() -> Routes.to(URL).of("/").route());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CircuitConfig(10, 20, 50, Duration.ofSeconds(1), 1))
        .withMessage("least-requests: 20 (expected: 1 to 10)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CircuitConfig(10, 10, 50, Duration.ZERO, 1))
        .withMessage("open-for: PT0S (expected: >= 1ms)");
  }

  @Test
  void aRouteIsPrintedWithoutItsSecret() {
    BackendConfig config = Routes.to(URL).config();

    assertThat(config.toString()).contains("/chat").doesNotContain("whsec_", "MfKQ9r8G");
  }

  @Test
  void aSecretMayBeInAFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), RealBackend.SECRET + "\n");

    new HttpBackend(new BackendConfig(List.of(with(URL, null, file)))).close();
  }

  @Test
  void aFileWithoutASecretIsRefusedByNameAlone(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing");
    Path wrong = Files.writeString(folder.resolve("wrong"), "hunter2");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HttpBackend(new BackendConfig(List.of(with(URL, null, missing)))))
        .withMessage("routes[0].secret-file: " + missing + " (expected: a readable file)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HttpBackend(new BackendConfig(List.of(with(URL, null, wrong)))))
        .withMessageStartingWith("routes[0].secret-file: " + wrong + ": unusable")
        .satisfies(e -> assertThat(e).hasMessageNotContaining("hunter2"));
  }
}
