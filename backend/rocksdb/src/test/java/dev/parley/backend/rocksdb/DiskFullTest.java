package dev.parley.backend.rocksdb;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.DeleteResult;
import dev.parley.stream.Durability;
import dev.parley.stream.Retention;
import dev.parley.stream.StoreException;
import dev.parley.stream.StoreFixture;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device without room: appends are refused, reads go on, and it recovers. */
final class DiskFullTest {
  private static final StreamPath A = StreamPath.of("a");
  private static final StreamPath B = StreamPath.of("b");

  @TempDir Path folder;

  private static RocksStore open(
      Path folder, long reserve, SpaceGuard.@org.jspecify.annotations.Nullable Probe probe) {
    RocksConfig config =
        new RocksConfig(
            folder,
            Duration.ofMillis(50),
            reserve,
            2 << 20,
            1 << 20,
            1024,
            64,
            Duration.ofSeconds(1));
    StreamPolicies policies =
        StreamPolicies.uniform(StoreFixture.policy(Durability.SYNC, Retention.FOREVER));
    return RocksStore.open(config, policies, InstantSource.system(), probe);
  }

  @Test
  void appendsAreRefusedBelowTheReserveAndReadsGoOn() {
    AtomicLong left = new AtomicLong(Long.MAX_VALUE);
    try (RocksStore store = open(folder, 1000, left::get)) {
      await(store.create(A, StreamSpec.of("text/plain")));
      await(store.create(B, StreamSpec.of("text/plain")));
      await(store.append(A, append("1")));
      left.set(999);

      Awaitility.await().until(() -> full(store.append(A, append("2"))));

      assertThat(full(store.create(StreamPath.of("c"), StreamSpec.of("text/plain")))).isTrue();
      assertThat(StoreFixture.texts(await(store.read(A, 0, 9, 99)).orElseThrow().messages()))
          .contains("1");
      assertThat(await(store.delete(B))).isEqualTo(DeleteResult.DELETED);
      long tail = await(store.head(A)).orElseThrow().tail();

      left.set(Long.MAX_VALUE);
      Awaitility.await().until(() -> !full(store.append(A, append("3"))));
      assertThat(await(store.head(A)).orElseThrow().tail()).isEqualTo(tail + 1);
    }
  }

  private static boolean full(CompletableFuture<?> future) {
    try {
      future.get();
      return false;
    } catch (ExecutionException e) {
      assertThat(e.getCause())
          .isInstanceOfSatisfying(
              StoreException.class,
              refused -> assertThat(refused.code()).isEqualTo(StoreException.Code.FULL));
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The real thing: a small file system without a reserve, so that RocksDB runs into the wall. */
  @Test
  void aDeviceThatRunsFullLosesNothingAndRecovers() throws Exception {
    Path mount = Files.createDirectory(folder.resolve("small"));
    Assumptions.assumeTrue(
        DataFolders.run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", mount.toString()) == 0,
        "cannot mount a tmpfs here");
    try {
      Path ballast = mount.resolve("ballast");
      Files.write(ballast, new byte[48 << 20]);
      long acknowledged = 0;
      try (RocksStore store = open(mount.resolve("data"), 0, null)) {
        await(store.create(A, StreamSpec.of("text/plain")));
        byte[] incompressible = new byte[100_000];
        new Random(42).nextBytes(incompressible);
        Append large = Append.of(incompressible);
        while (!full(store.append(A, large))) {
          acknowledged++;
          assertThat(acknowledged).isLessThan(1000);
        }
        assertThat(acknowledged).isPositive();
        assertThat(await(store.read(A, acknowledged - 1, 9, 1)).orElseThrow().messages())
            .isNotEmpty();

        Files.delete(ballast);
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> !full(store.append(A, append("again"))));
        assertThat(await(store.append(A, append("and again"))))
            .isInstanceOf(AppendResult.Appended.class);
        assertThat(await(store.head(A)).orElseThrow().tail()).isGreaterThan(acknowledged);
      }
      try (RocksStore store = open(mount.resolve("data"), 0, null)) {
        var slice = await(store.read(A, 0, 2000, Integer.MAX_VALUE)).orElseThrow();
        assertThat(slice.messages()).hasSizeGreaterThan((int) acknowledged + 1);
        assertThat(slice.messages().getLast().bytes()).isEqualTo(StoreFixture.utf8("and again"));
      }
    } finally {
      assertThat(DataFolders.run("umount", mount.toString())).isZero();
    }
  }
}
