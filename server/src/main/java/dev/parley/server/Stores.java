package dev.parley.server;

import dev.parley.backend.rocksdb.RocksStore;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPolicies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Opens what the configuration keeps data in. Stateless. */
final class Stores {
  private static final String KEYS = "webhook-keys.json";

  private Stores() {}

  static Store open(ServerConfig config, StreamPolicies policies, InstantSource clock) {
    return switch (config.server().store()) {
      case MEMORY -> new MemoryStore(policies, clock);
      case ROCKSDB -> RocksStore.open(config.rocksdb(), policies, clock);
    };
  }

  /**
   * Where webhook keys are kept: beside the data, or for as long as the server when it keeps none.
   *
   * @param opened takes what must be closed with the server
   */
  static Path keyFile(ServerConfig config, List<AutoCloseable> opened) throws IOException {
    return switch (config.server().store()) {
      case ROCKSDB -> config.rocksdb().folder().resolve(KEYS);
      case MEMORY -> {
        Path folder = Files.createTempDirectory("parley-keys");
        Path file = folder.resolve(KEYS);
        opened.add(() -> {
          Files.deleteIfExists(file);
          Files.deleteIfExists(folder);
        });
        yield file;
      }
    };
  }
}
