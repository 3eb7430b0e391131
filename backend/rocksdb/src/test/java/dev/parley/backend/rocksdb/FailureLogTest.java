package dev.parley.backend.rocksdb;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.stream.StoreException;
import dev.parley.stream.StoreException.Code;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much a store says of damage that it meets again and again. */
final class FailureLogTest {
  private static final StreamPath A = StreamPath.of("a");
  private final StoreException damage = new StoreException(Code.CORRUPT, "damaged");

  @TempDir Path folder;

  @Test
  void aLineASecondIsLoggedAndTheRestCounted() {
    long second = TimeUnit.SECONDS.toNanos(1);
    long start = Long.MAX_VALUE - second / 2; // nanoTime may run over
    FailureLog log = new FailureLog();

    assertThat(log.line(damage, start)).isEqualTo("damaged");
    assertThat(log.line(damage, start)).isNull();
    assertThat(log.line(damage, start + second - 1)).isNull();
    assertThat(log.line(damage, start + second)).isEqualTo("damaged (and 2 failures more)");
    assertThat(log.line(damage, start + 2 * second)).isEqualTo("damaged");
  }

  @Test
  void readsOfADamagedBlockAreLoggedWithoutATrace() throws IOException {
    try (RocksStore store = open()) {
      await(store.create(A, StreamSpec.of("text/plain")));
      await(store.append(A, append("x".repeat(100_000))));
    }
    Path table = damageLargestTable();
    List<LogRecord> lines = new CopyOnWriteArrayList<>();
    Handler listener = listener(lines);
    Logger logger = Logger.getLogger(FailureLog.class.getName());
    logger.addHandler(listener);
    try (RocksStore store = open()) {
      long start = System.nanoTime();
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> store.read(A, 0, 9, 1 << 20).get())
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.CORRUPT));
      }
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      assertThat(lines).hasSizeBetween(1, (int) seconds + 1);
      assertThat(lines)
          .allSatisfy(line -> {
            assertThat(line.getThrown()).isNull();
            assertThat(line.getMessage()).contains(String.valueOf(table.getFileName()));
          });
    } finally {
      logger.removeHandler(listener);
    }
  }

  private RocksStore open() {
    return RocksStore.open(
        RocksConfig.defaults(folder),
        StreamPolicies.uniform(StreamPolicy.DEFAULT),
        InstantSource.system());
  }

  private Path damageLargestTable() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("rocks"))) {
      Path table =
          files
              .filter(f -> f.toString().endsWith(".sst"))
              .max(Comparator.comparingLong(f -> f.toFile().length()))
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(table);
      bytes[10] ^= 0x5a; // the first block of data
      Files.write(table, bytes);
      return table;
    }
  }

  private static Handler listener(List<LogRecord> lines) {
    return new Handler() {
      @Override
      public void publish(LogRecord line) {
        lines.add(line);
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
