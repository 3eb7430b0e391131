package dev.parley.backend.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What tests do to data folders behind a store's back. */
final class DataFolders {
  private DataFolders() {}

  /** Copies a folder, of a running store too: what a killed process leaves is what files hold. */
  static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else if (!file.endsWith("lock")) {
        Files.copy(file, target);
      }
    }
  }

  /** Runs a command to its end; what it exits with, or -1 when there is no such command. */
  static int run(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }
}
