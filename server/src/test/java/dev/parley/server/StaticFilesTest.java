package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../secret.txt",
        "/a/../../b.js",
        "/./index.html",
        "/.hidden.txt",
        "/a/.git/config.txt",
        "//etc/passwd.txt",
        "/a//b.js",
        "/a\\..\\b.js",
        "/dev",
        "/a/",
        "/index.html/",
        "/webjars/",
        "/webjars/../../MANIFEST.MF",
        "/%2e%2e/a.js",
        "/a\u0000.js",
      })
  void pathsThatMightLeadElsewhereNameNothing(String path) {
    assertThat(StaticFiles.resource(path)).isNull();
  }

  @Test
  void filesAreFoundWhereTheyWerePackaged() {
    assertThat(StaticFiles.resource("/")).isEqualTo("dev/parley/console/static/index.html");
    assertThat(StaticFiles.resource("/app.js")).isEqualTo("dev/parley/console/static/app.js");
    assertThat(StaticFiles.resource("/webjars/lit-html/3.3.2/directives/repeat.js"))
        .isEqualTo("META-INF/resources/webjars/lit-html/3.3.2/directives/repeat.js");
  }
}
