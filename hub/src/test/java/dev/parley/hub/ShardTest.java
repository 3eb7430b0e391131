package dev.parley.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.stream.Append;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One shard, turned by hand. */
class ShardTest {
  private static final StreamPath PATH = StreamPath.of("chat/one");
  private static final long RING_BYTES = 64 << 10;

  private final HeldStore store = new HeldStore(new MemoryStore());
  private final CrankedLoop loop = new CrankedLoop();
  private final List<String> observed = new ArrayList<>();
  private long clock;
  private final Hub hub =
      new Hub(
          store,
          StreamPolicies.uniform(StreamPolicy.DEFAULT),
          new HubConfig(1, RING_BYTES, 16, Duration.ofSeconds(1), 16),
          new HubObserver() {
            @Override
            public void onShardBatch(long waitedNanos, int messages) {
              observed.add("shard " + waitedNanos + " " + messages);
            }

            @Override
            public void onFanOut(long nanos, int followers) {
              observed.add("fan-out " + nanos + " " + followers);
            }
          },
          () -> clock);
  private final Shard shard = hub.shards()[0];

  @AfterEach
  void close() {
    store.close();
  }

  private void turn() {
    try {
      shard.turn(0);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    while (loop.turn() || store.release(new Random(1))) {}
  }

  private void append(StreamPath path, int bytes) {
    hub.append(path, Append.of("x".repeat(bytes).getBytes(UTF_8))).join();
  }

  @Test
  void aFullMailboxLosesNothing() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, 0, follower);
    turn();
    for (int i = 0; i < 100; i++) {
      append(PATH, 10);
    }
    assertThat(hub.stats().overruns()).isPositive();
    turn();
    assertThat(follower.offsets).hasSize(100).isSorted().doesNotHaveDuplicates();
    append(PATH, 10);
    turn();
    assertThat(follower.offsets).hasSize(101);
  }

  @Test
  void aFullMailboxRefusesTheNextFollower() {
    List<RecordingFollower> followers = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      var follower = new RecordingFollower(loop);
      followers.add(follower);
      hub.follow(PATH, 0, follower);
    }
    while (loop.turn()) {}
    assertThat(followers.getLast().end).isEqualTo(Follower.End.FAILED);
    assertThat(followers.getFirst().end).isNull();
  }

  @Test
  void aWriteTheShardHasNotTakenUpIsReadFromTheStore() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    turn();
    assertThat(hub.head(PATH)).isCompleted();
    append(PATH, 10);
    assertThat(hub.head(PATH)).isNotCompleted(); // asks the store: the shard has not turned
    turn();
    assertThat(hub.head(PATH)).isCompleted();
  }

  @Test
  void followersThatComeTogetherShareOneRead() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    turn();
    for (int i = 0; i < 5; i++) {
      append(PATH, 10);
    }
    turn();
    clock += Duration.ofSeconds(10).toNanos();
    turn(); // idle: the stream has no place in memory any more
    assertThat(hub.stats().liveStreams()).isZero();
    for (int i = 0; i < 10; i++) {
      hub.follow(PATH, 2, new RecordingFollower(loop));
    }
    turn();
    assertThat(store.reads).isOne();
  }

  /** Five messages that only the store knows. */
  private void createIdle() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    for (int i = 0; i < 5; i++) {
      append(PATH, 10);
    }
    turn();
    clock += Duration.ofSeconds(10).toNanos();
    turn();
    assertThat(hub.stats().liveStreams()).isZero();
  }

  private void turnShardOnly() {
    try {
      shard.turn(0);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void turnLoopOnly() {
    while (loop.turn()) {}
  }

  @Test
  void whoComesAfterTheStoreWasAskedSharesTheNextAnswer() {
    createIdle();
    List<RecordingFollower> followers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      var follower = new RecordingFollower(loop);
      followers.add(follower);
      hub.follow(PATH, 2, follower);
      turnShardOnly();
      turnLoopOnly();
      assertThat(store.reads).isOne();
    }
    turn();
    assertThat(store.reads).isEqualTo(2);
    assertThat(followers)
        .allSatisfy(follower -> assertThat(follower.offsets).containsExactly(3L, 4L, 5L));
  }

  @Test
  void memoryThatKnowsLessThanAFollowerIsNotAsked() {
    createIdle();
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, -1, follower);
    turnShardOnly();
    loop.turn(); // admitted; the tail is not known, and will be asked for in the next task
    append(PATH, 10);
    turnShardOnly(); // memory knows 6
    append(PATH, 10);
    loop.turn();
    turnLoopOnly();
    store.release(new Random(1)); // the store says 7
    turnLoopOnly();
    turn();
    assertThat(follower.caughtUp).extracting(StreamInfo::tail).containsExactly(7L);
    append(PATH, 10);
    turn();
    assertThat(follower.offsets).containsExactly(8L);
  }

  @Test
  void anAnswerFromBeforeTheDeletionLeavesNobodyWithTheDead() {
    createIdle();
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, 2, follower);
    turnShardOnly();
    turnLoopOnly(); // the store was asked
    hub.delete(PATH).join();
    turnShardOnly();
    turnLoopOnly(); // the deletion is known
    turn(); // the answer comes
    assertThat(follower.end).isEqualTo(Follower.End.DELETED);
    assertThat(follower.caughtUp).isEmpty();
  }

  @Test
  void aPositionBeyondTheTailEndsItsFollower() {
    createIdle();
    var fromMemory = new RecordingFollower(loop);
    var fromStore = new RecordingFollower(loop);
    hub.follow(PATH, 6, fromStore);
    turn();
    append(PATH, 10);
    turn();
    hub.follow(PATH, 7, fromMemory);
    turn();
    assertThat(fromStore.end).isEqualTo(Follower.End.DELETED);
    assertThat(fromMemory.end).isEqualTo(Follower.End.DELETED);
  }

  @Test
  void anIdleStreamLosesItsPlaceAndAFollowedOneKeepsIt() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    Subscription subscription = hub.follow(PATH, 0, new RecordingFollower(loop));
    turn();
    clock += Duration.ofSeconds(10).toNanos();
    turn();
    assertThat(hub.stats().liveStreams()).isOne();
    subscription.cancel();
    turn();
    turn();
    clock += Duration.ofSeconds(10).toNanos();
    turn();
    assertThat(hub.stats().liveStreams()).isZero();
    assertThat(hub.stats().ringBytes()).isZero();
  }

  @Test
  void ringsStayWithinTheirBoundAndTheNewestSurvive() {
    for (int stream = 0; stream < 200; stream++) {
      StreamPath path = StreamPath.of("s/" + stream);
      hub.create(path, StreamSpec.of("text/plain")).join();
      for (int i = 0; i < 5; i++) {
        append(path, 1000);
      }
      turn();
      assertThat(hub.stats().ringBytes()).isLessThanOrEqualTo(RING_BYTES);
    }
    assertThat(hub.read(StreamPath.of("s/199"), 0, 10, 100_000)).isCompleted();
    assertThat(hub.read(StreamPath.of("s/0"), 0, 10, 100_000)).isNotCompleted();
  }

  @Test
  void oneLargeStreamCannotPassTheBound() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, 0, follower);
    turn();
    for (int i = 0; i < 50; i++) {
      append(PATH, 20_000);
      turn();
      assertThat(hub.stats().ringBytes()).isLessThanOrEqualTo(RING_BYTES);
    }
    assertThat(follower.offsets).hasSize(50);
  }

  @Test
  void aBatchIsOneTaskForALoopHoweverManyStreamsAndFollowers() {
    for (int stream = 0; stream < 5; stream++) {
      hub.create(StreamPath.of("s/" + stream), StreamSpec.of("text/plain")).join();
      turn();
      hub.follow(StreamPath.of("s/" + stream), 0, new RecordingFollower(loop));
      hub.follow(StreamPath.of("s/" + stream), 0, new RecordingFollower(loop));
      turn();
    }
    for (int stream = 0; stream < 5; stream++) {
      append(StreamPath.of("s/" + stream), 10);
    }
    observed.clear();
    clock += 5;
    try {
      shard.turn(0);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(loop.waiting()).isOne();
    clock += 7;
    while (loop.turn()) {}
    assertThat(observed).contains("shard 5 1", "fan-out 7 10");
  }

  @Test
  void aLoopThatEndedTakesItsFollowersWithIt() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    boolean[] over = {false};
    var follower =
        new RecordingFollower(task -> {
          if (over[0]) {
            throw new java.util.concurrent.RejectedExecutionException("over");
          }
          loop.execute(task);
        });
    hub.follow(PATH, 0, follower);
    turn();
    over[0] = true;
    append(PATH, 10);
    turn();
    assertThat(hub.stats().followers()).isZero();
  }

  @Test
  void anotherThreadMayNotTurnTheShard() {
    turn();
    var turned =
        CompletableFuture.runAsync(() -> {
          try {
            shard.turn(0);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThatThrownBy(turned::join).hasCauseInstanceOf(AssertionError.class);
  }
}
