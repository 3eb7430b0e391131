package dev.parley.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathPatternTest {
  @ParameterizedTest
  @CsvSource({
    "chat/*, chat/1, true",
    "chat/*, chat, false",
    "chat/*, chat/1/2, false",
    "chat/**, chat, true",
    "chat/**, chat/1/2, true",
    "chat/**, chats, false",
    "**, a/b/c, true",
    "**/log, log, true",
    "**/log, a/b/log, true",
    "**/log, a/b/logs, false",
    "a/**/z, a/z, true",
    "a/**/z, a/b/c/z, true",
    "a/**/z, a/b/c, false",
    "**/**, a, true",
    "a*c, abbc, true",
    "a*c, a/c, false",
    "a**c, abbc, true",
    "a**c, a/c, false",
    "*, a, true",
    "*/*, a, false",
    "a.b, axb, false",
    "A, a, false",
  })
  void aPatternCoversPaths(String pattern, String path, boolean covered) {
    assertThat(PathPattern.of(pattern).matches(StreamPath.of(path))).isEqualTo(covered);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/a", "a/", "a//b"})
  void whatIsNoPatternIsRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PathPattern.of(value))
        .withMessageContaining("(expected: ");
  }

  @Property(tries = 20_000)
  void itAgreesWithARegularExpression(
      @ForAll("patterns") List<String> pattern, @ForAll("paths") List<String> path) {
    String joined = String.join("/", path);

    assertThat(PathPattern.of(String.join("/", pattern)).matches(joined))
        .isEqualTo(Pattern.matches(regex(pattern), "/" + joined));
  }

  @Provide
  Arbitrary<List<String>> patterns() {
    return Arbitraries.of("a", "b", "ab", "*", "**", "a*", "*b", "a*b", "*a*b*", "***")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Provide
  Arbitrary<List<String>> paths() {
    return Arbitraries.strings()
        .withChars('a', 'b', '*')
        .ofMinLength(1)
        .ofMaxLength(5)
        .list()
        .ofMinSize(1)
        .ofMaxSize(7);
  }

  @Test
  void aHostilePatternIsNotExponential() {
    PathPattern segments = PathPattern.of("**/a/".repeat(200) + "b");
    PathPattern characters = PathPattern.of("*a".repeat(200) + "b");

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          assertThat(segments.matches("a/".repeat(500) + "c")).isFalse();
          assertThat(characters.matches("a".repeat(1000))).isFalse();
        });
  }

  private static String regex(List<String> pattern) {
    return pattern.stream()
        .map(segment ->
            segment.equals("**") ? "(/[^/]+)*" : "/" + segment.replaceAll("\\*+", "[^/]*"))
        .collect(Collectors.joining());
  }
}
