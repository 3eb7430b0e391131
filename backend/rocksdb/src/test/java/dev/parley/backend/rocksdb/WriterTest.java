package dev.parley.backend.rocksdb;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Commit;
import dev.parley.stream.Durability;
import dev.parley.stream.PathPattern;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.Retention;
import dev.parley.stream.StoreException;
import dev.parley.stream.StoreFixture;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamSpec;
import dev.parley.stream.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The mailbox, the groups, and what the writer does between them. */
final class WriterTest {
  private static final StreamPath A = StreamPath.of("a");
  private static final StreamPath B = StreamPath.of("b");

  private static final StreamPolicies ONLY_B_SYNCS =
      new StreamPolicies(
          Map.of(PathPattern.of("b"), StoreFixture.policy(Durability.SYNC, Retention.FOREVER)),
          StoreFixture.policy(Durability.ASYNC, Retention.FOREVER));

  @TempDir Path folder;
  private final TestClock clock = new TestClock();

  private RocksStore open(int mailbox, Retention retention) {
    return open(StreamPolicies.uniform(StoreFixture.policy(Durability.MEMORY, retention)), mailbox);
  }

  private RocksStore open(StreamPolicies policies, int mailbox) {
    RocksConfig config =
        new RocksConfig(
            folder, Duration.ofMillis(50), 0, 2 << 20, 1 << 20, mailbox, 64, Duration.ofDays(1));
    return RocksStore.open(config, policies, clock);
  }

  private RocksStore open() {
    return open(1024, Retention.FOREVER);
  }

  private static StoreException.Code refusal(CompletableFuture<?> future) {
    try {
      throw new AssertionError("answered: " + future.get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException refused) {
        return refused.code();
      }
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFullMailboxRefusesTheNextCommand() throws InterruptedException {
    CountDownLatch committing = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (RocksStore store = open(2, Retention.FOREVER)) {
      store.onCommit(commits -> {
        committing.countDown();
        awaitLatch(release);
      });
      CompletableFuture<?> created = store.create(A, StreamSpec.of("text/plain"));
      committing.await();
      CompletableFuture<AppendResult> one = store.append(A, append("1"));
      CompletableFuture<AppendResult> two = store.append(A, append("2"));

      assertThat(refusal(store.append(A, append("3")))).isEqualTo(StoreException.Code.BUSY);

      release.countDown();
      await(created);
      assertThat(await(one)).isInstanceOf(AppendResult.Appended.class);
      assertThat(await(two)).isInstanceOf(AppendResult.Appended.class);
      assertThat(await(store.head(A)).orElseThrow().tail()).isEqualTo(2);
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theMailboxIsBoundedInBytesToo() throws InterruptedException {
    CountDownLatch committing = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (RocksStore store = open()) {
      store.onCommit(commits -> {
        committing.countDown();
        awaitLatch(release);
      });
      CompletableFuture<?> created = store.create(A, StreamSpec.of("text/plain"));
      committing.await();
      Append large = Append.of(new byte[40 << 20]);
      CompletableFuture<AppendResult> fits = store.append(A, large);

      assertThat(refusal(store.append(A, large))).isEqualTo(StoreException.Code.BUSY);

      release.countDown();
      await(created);
      assertThat(await(fits)).isInstanceOf(AppendResult.Appended.class);
    }
  }

  @Test
  void commandsThatWaitTogetherAreOneGroup() throws InterruptedException {
    CountDownLatch committing = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<List<Commit>> groups = new CopyOnWriteArrayList<>();
    try (RocksStore store = open()) {
      store.onCommit(commits -> {
        groups.add(commits);
        committing.countDown();
        awaitLatch(release);
      });
      List<CompletableFuture<?>> all = new ArrayList<>();
      all.add(store.create(A, StreamSpec.of("text/plain")));
      committing.await();
      ProducerStamp stamp = new ProducerStamp("p", 0, 0);
      all.add(store.append(A, StoreFixture.stamped(stamp, "1")));
      CompletableFuture<AppendResult> again = store.append(A, StoreFixture.stamped(stamp, "1"));
      all.add(store.create(B, StoreFixture.forkOf(StoreFixture.at(A, 1))));
      all.add(store.append(B, append("b")));
      CompletableFuture<?> deleted = store.delete(A);
      all.add(deleted);
      release.countDown();

      all.forEach(StoreFixture::await);

      assertThat(await(again)).isInstanceOf(AppendResult.Duplicate.class);
      assertThat(groups).hasSize(2);
      assertThat(groups.getLast()).hasSize(4);
      assertThat(StoreFixture.texts(await(store.read(B, 0, 9, 99)).orElseThrow().messages()))
          .containsExactly("1", "b");
    }
  }

  @Test
  void whatNeedsNoSyncDoesNotWaitForOneBehindIt() throws InterruptedException {
    CountDownLatch committing = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<List<String>> groups = new CopyOnWriteArrayList<>();
    try (RocksStore store = open(ONLY_B_SYNCS, 1024)) {
      store.onCommit(commits -> {
        groups.add(commits.stream().map(commit -> commit.change().path().value()).toList());
        committing.countDown();
        awaitLatch(release);
      });
      List<CompletableFuture<?>> all = new ArrayList<>();
      all.add(store.create(B, StreamSpec.of("text/plain")));
      committing.await();
      all.add(store.create(A, StreamSpec.of("text/plain")));
      all.add(store.append(A, append("1")));
      all.add(store.append(B, append("1")));
      all.add(store.append(A, append("2")));
      all.add(store.append(B, append("2")));
      release.countDown();

      all.forEach(StoreFixture::await);

      assertThat(groups).containsExactly(List.of("b"), List.of("a", "a"), List.of("b", "a", "b"));
    }
  }

  @Test
  void whatWaitsBehindAGroupIsDoneBeforeTheStoreIsClosed() throws InterruptedException {
    CountDownLatch committing = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    RocksStore store = open(ONLY_B_SYNCS, 1024);
    store.onCommit(commits -> {
      committing.countDown();
      awaitLatch(release);
    });
    List<CompletableFuture<?>> all = new ArrayList<>();
    all.add(store.create(A, StreamSpec.of("text/plain")));
    committing.await();
    all.add(store.append(A, append("1")));
    all.add(store.create(B, StreamSpec.of("text/plain")));
    Thread closing = Thread.ofPlatform().start(store::close);
    while (closing.getState() != Thread.State.WAITING) { // for the writer, which was told to stop
      Thread.onSpinWait();
    }
    release.countDown();
    closing.join();

    assertThat(all).allMatch(CompletableFuture::isDone);
    try (RocksStore again = open()) {
      assertThat(await(again.head(A)).orElseThrow().tail()).isEqualTo(1);
      assertThat(await(again.head(B))).isPresent();
    }
  }

  @Test
  void aCommandThatCannotBeStoredFailsAlone() {
    try (RocksStore store = open()) {
      await(store.create(A, StreamSpec.of("text/plain")));
      ProducerStamp unwritable = new ProducerStamp("\uD800", 0, 0);
      CompletableFuture<?> bad = store.append(A, StoreFixture.stamped(unwritable, "x"));
      CompletableFuture<AppendResult> good = store.append(A, append("1"));

      assertThat(refusal(bad)).isEqualTo(StoreException.Code.IO);
      assertThat(await(good)).isInstanceOf(AppendResult.Appended.class);
      assertThat(await(store.head(A)).orElseThrow().tail()).isEqualTo(1);
    }
  }

  @Test
  void aClosedStoreRefuses() {
    RocksStore store = open();
    store.close();
    store.close();

    assertThat(refusal(store.append(A, append("1")))).isEqualTo(StoreException.Code.STOPPED);
    assertThat(refusal(store.head(A))).isEqualTo(StoreException.Code.STOPPED);
    store.touch(A);
  }

  @Test
  void aStoreMayBeClosedByWhoeverContinuesOnItsThread() {
    RocksStore store = open();

    await(store.create(A, StreamSpec.of("text/plain")).thenRun(store::close));

    store.close();
    open().close();
  }

  @Test
  void aTouchDoesNotBringBackWhatHasExpired() {
    try (RocksStore store = open()) {
      await(store.create(A, StoreFixture.living(60, -1)));
      clock.advance(Duration.ofSeconds(61));

      store.touch(A);

      assertThat(await(store.head(A))).isEmpty();
      await(store.sweep());
      assertThat(await(store.head(A))).isEmpty();
    }
  }

  @Test
  void touchesSurviveARestart() {
    try (RocksStore store = open()) {
      await(store.create(A, StoreFixture.living(60, -1)));
      clock.advance(Duration.ofSeconds(50));
      store.touch(A);
      await(store.head(A));
    }
    clock.advance(Duration.ofSeconds(50));
    try (RocksStore store = open()) {
      await(store.sweep());
      assertThat(await(store.head(A))).isPresent();
      clock.advance(Duration.ofSeconds(10));
      assertThat(await(store.head(A))).isEmpty();
    }
  }

  @Test
  void manyStreamsExpireInOneSweepAfterAnother() {
    try (RocksStore store = open()) {
      int streams = 3 * Upkeep.SWEEP + 1;
      for (int i = 0; i < streams; i++) {
        await(store.create(StreamPath.of("s/" + i), StoreFixture.living(60, -1)));
      }
      clock.advance(Duration.ofSeconds(60));

      while (await(store.sweep())) {
        // There is more.
      }

      assertThat(store.lastChange()).isEqualTo(2L * streams);
    }
  }

  @Test
  void retentionRemovesFromDiskInSteps() {
    Retention ten = new Retention(null, 10, Long.MAX_VALUE);
    try (RocksStore store = open(1024, ten)) {
      await(store.create(A, StreamSpec.of("text/plain")));
      for (int i = 1; i <= 1000; i++) {
        var result = (AppendResult.Appended) await(store.append(A, append("m" + i)));
        assertThat(result.info().first()).isEqualTo(Math.max(1, i - 9));
      }
      long id = await(store.head(A)).orElseThrow().id();
      assertThat(store.stored(id)).isBetween(10L, 150L);
    }
  }

  @Test
  void deletionRemovesFromDisk() {
    try (RocksStore store = open()) {
      await(store.create(A, StreamSpec.of("text/plain")));
      long id = await(store.head(A)).orElseThrow().id();
      for (int i = 0; i < 200; i++) {
        await(store.append(A, Append.of(new byte[10])));
      }
      await(store.create(B, StoreFixture.forkOf(StoreFixture.at(A, -1))));
      await(store.delete(A));
      assertThat(store.stored(id)).isEqualTo(200);

      await(store.delete(B));

      assertThat(store.stored(id)).isZero();
    }
  }

  @Test
  void configurationIsCheckedByName() {
    assertThatThrownBy(() ->
            new RocksConfig(
                folder, Duration.ZERO, 0, 1 << 20, 1 << 20, 1, 1, Duration.ofSeconds(1)))
        .hasMessage("rocksdb.async-bound: PT0S (expected: > 0)");
  }

  @Test
  void payloadHeadersAndSealsComeBack() {
    try (RocksStore store = open()) {
      await(store.create(A, StreamSpec.of("text/plain")));
      Payload payload = new Payload(new byte[] {1}, Map.of("h", "v"), "key");
      await(store.append(A, new Append(List.of(payload), null, null, null, -1, false)));

      assertThat(await(store.read(A, 0, 1, 1)).orElseThrow().messages().getFirst().payload())
          .usingRecursiveComparison()
          .isEqualTo(payload);
    }
  }
}
