package dev.parley.backend.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Durability;
import dev.parley.stream.Payload;
import dev.parley.stream.Retention;
import dev.parley.stream.StoreFixture;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamSpec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many idle streams cost disk, not heap, and no time to open: 20,000 of them, or the million of the
 * bar with {@code -Dparley.long=true}.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES) // the long run
final class ScaleTest {
  private static final int STREAMS = Boolean.getBoolean("parley.long") ? 1_000_000 : 20_000;

  @TempDir Path folder;

  private RocksStore open() {
    return RocksStore.open(
        RocksConfig.defaults(folder),
        StreamPolicies.uniform(StoreFixture.policy(Durability.ASYNC, Retention.FOREVER)),
        InstantSource.system());
  }

  @Test
  void idleStreamsCostNeitherHeapNorTimeToOpen() throws Exception {
    long begun = System.nanoTime();
    try (RocksStore store = open()) {
      CompletableFuture<?> last = CompletableFuture.completedFuture(null);
      Semaphore window = new Semaphore(4096);
      List<Payload> three =
          IntStream.range(0, 3).mapToObj(i -> Payload.of(new byte[100 + i])).toList();
      StreamSpec spec = new StreamSpec("text/plain", -1, -1, false, null, three);
      for (int i = 0; i < STREAMS; i++) {
        window.acquire();
        last =
            store
                .create(StreamPath.of("scale/" + i), spec)
                .whenComplete((result, failure) -> window.release());
      }
      last.join();
    }
    long written = System.nanoTime();
    try (RocksStore store = open()) {
      assertThat(store.head(StreamPath.of("scale/" + STREAMS / 2)).join()).isPresent();
      long opened = System.nanoTime();
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      System.out.printf(
          "%d streams of 3 messages: written in %d ms, open and first answer in %d ms,"
              + " heap after GC %d MB%n",
          STREAMS, (written - begun) / 1_000_000, (opened - written) / 1_000_000, heap >> 20);
      assertThat(store.lastChange()).isEqualTo(STREAMS);
      assertThat(heap).isLessThan(256L << 20);
      assertThat(opened - written).isLessThan(2_000_000_000L);
    }
  }
}
