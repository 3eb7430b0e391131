package dev.parley.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the console's files to what a browser, with no build step before it, will ask of them. */
final class StaticFilesTest {
  private static final Path ROOT = Path.of("src/main/resources/dev/parley/console/static");
  private static final Pattern IMPORT = Pattern.compile("from '([^']+)'");
  private static final Pattern LIBRARY = Pattern.compile("'(/webjars/[^']+)'");
  private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"#]+)\"");

  @Test
  void everyLibraryTheModulesNameIsPacked() {
    List<String> libraries = found(LIBRARY, ".js").toList();

    assertThat(libraries).isNotEmpty();
    assertThat(libraries)
        .allSatisfy(to ->
            assertThat(getClass().getResource("/META-INF/resources" + to)).as(to).isNotNull());
  }

  @Test
  void everyOtherImportIsAFileOfTheConsole() {
    List<String> own = found(IMPORT, ".js").filter(to -> !to.startsWith("/webjars/")).toList();

    assertThat(own).isNotEmpty();
    assertThat(own)
        .allSatisfy(to -> {
          assertThat(to).startsWith("./");
          assertThat(ROOT.resolve(to.substring(2))).isRegularFile();
        });
  }

  @Test
  void everyFileThePageLinksExists() {
    assertThat(found(LINK, ".html"))
        .isNotEmpty()
        .allSatisfy(to -> assertThat(ROOT.resolve(to)).isRegularFile());
  }

  @Test
  void nothingNeedsAnExceptionInTheContentSecurityPolicy() {
    // script-src 'self' refuses inline scripts and handlers, style-src 'self' style attributes.
    assertThat(found(Pattern.compile("<script>|\\sstyle=|\\son[a-z]+=\"|eval\\(|data:"), ".html"))
        .isEmpty();
    assertThat(found(Pattern.compile("\\sstyle=|\\beval\\(|new Function\\("), ".js")).isEmpty();
  }

  @Test
  void dataNeverBecomesMarkup() {
    assertThat(
            found(
                Pattern.compile("innerHTML|outerHTML|insertAdjacentHTML|unsafe-|document.write"),
                ".js"))
        .isEmpty();
  }

  /** The first group, or the whole match, of every place in files that end with {@code suffix}. */
  private static Stream<String> found(Pattern pattern, String suffix) {
    Function<MatchResult, String> text = m -> m.groupCount() > 0 ? m.group(1) : m.group();
    try (Stream<Path> files = Files.list(ROOT)) {
      return files.filter(f -> f.toString().endsWith(suffix)).toList().stream()
          .flatMap(f -> pattern.matcher(read(f)).results().map(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
