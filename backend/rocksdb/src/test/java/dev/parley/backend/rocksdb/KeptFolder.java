package dev.parley.backend.rocksdb;

import dev.parley.stream.Append;
import dev.parley.stream.Durability;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.Retention;
import dev.parley.stream.StoreFixture;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes the data folder that later versions must be able to read. Run once per format version, with
 * the zip file to write as its argument; the result is kept in the test resources and never made
 * again.
 */
final class KeptFolder {
  static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));
  static final StreamPath CHAT = StreamPath.of("kept/chat");
  static final StreamPath FORK = StreamPath.of("kept/fork");
  static final StreamPath SOFT = StreamPath.of("kept/soft");
  static final StreamPath HEIR = StreamPath.of("kept/heir");
  static final StreamPath GONE = StreamPath.of("kept/gone");
  static final StreamPath LIVING = StreamPath.of("kept/leben-äöü-\uD83D\uDE00");
  static final ProducerStamp STAMP = new ProducerStamp("writer", 3, 0);
  static final ProducerStamp LAST = new ProducerStamp("writer", 3, 1);

  private KeptFolder() {}

  static RocksStore open(Path folder) {
    StreamPolicies policies =
        StreamPolicies.uniform(StoreFixture.policy(Durability.SYNC, Retention.FOREVER));
    return RocksStore.open(RocksConfig.defaults(folder), policies, CLOCK);
  }

  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("kept");
    Path crashed = Files.createTempDirectory("kept").resolve("data");
    try (RocksStore store = open(folder)) {
      fill(store);
    }
    try (RocksStore store = open(folder)) {
      // Written after the tables, so that the kept folder also holds a log to replay.
      Append append = new Append(StoreFixture.payloads("4"), "text/plain", LAST, "seq-2", 3, true);
      store.append(CHAT, append).join();
      DataFolders.copy(folder, crashed);
    }
    zip(crashed, Path.of(args[0]));
  }

  private static void fill(RocksStore store) {
    store.create(CHAT, StreamSpec.of("text/plain")).join();
    Payload rich = new Payload(StoreFixture.utf8("1"), Map.of("trace", "abc"), "key-7");
    store.append(CHAT, new Append(List.of(rich), null, STAMP, "seq-1", -1, false)).join();
    store.append(CHAT, StoreFixture.append("22", "333")).join();
    store
        .create(FORK, StoreFixture.forkOf(StoreFixture.at(CHAT, 1, 1, StreamSpec.Fork.Unit.BYTES)))
        .join();
    store.append(FORK, StoreFixture.append("own")).join();
    store.trim(CHAT, 2).join();
    store.create(SOFT, StreamSpec.of("application/json")).join();
    store.append(SOFT, StoreFixture.append("{}")).join();
    store.create(HEIR, StoreFixture.forkOf(StoreFixture.at(SOFT, -1))).join();
    store.delete(SOFT).join();
    store.create(GONE, StreamSpec.of("text/plain")).join();
    store.delete(GONE).join();
    store.create(LIVING, StoreFixture.living(3600, -1)).join();
  }

  private static void zip(Path folder, Path target) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    try (OutputStream file = Files.newOutputStream(target);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (Path each : files) {
        String name = folder.relativize(each).toString();
        if (!name.contains("LOG.old") && !name.endsWith("rocks/LOG")) {
          zip.putNextEntry(new ZipEntry(name));
          Files.copy(each, zip);
        }
      }
    }
  }
}
