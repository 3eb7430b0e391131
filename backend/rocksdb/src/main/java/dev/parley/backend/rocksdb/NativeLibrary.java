package dev.parley.backend.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * RocksDB's native library, unpacked, loaded and removed again. RocksDB itself removes the file
 * only in an orderly exit of the JVM, so that every kill would leave 17 MB in the temporary folder.
 */
final class NativeLibrary {
  private NativeLibrary() {}

  /**
   * Loads it once; later calls do nothing.
   *
   * @throws UncheckedIOException when the temporary folder takes no file
   */
  static void load() {
    try {
      Path folder = Files.createTempDirectory("parley-rocksdb");
      try {
        NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
      } finally {
        remove(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("RocksDB's native library could not be unpacked", e);
    }
    RocksDB.loadLibrary();
  }

  /** A mapped file may be unlinked on POSIX systems; where not, it stays until the JVM ends. */
  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (!file.toFile().delete()) {
          return;
        }
      }
    }
    Files.deleteIfExists(folder);
  }
}
