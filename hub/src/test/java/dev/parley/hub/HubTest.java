package dev.parley.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.parley.stream.Append;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The hub with its own shard threads, a memory store, and one real loop. */
class HubTest {
  private static final StreamPath PATH = StreamPath.of("chat/one");

  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("loop").unstarted(task));
  private MemoryStore store = new MemoryStore();
  private Hub hub = new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), small());

  private static HubConfig small() {
    return new HubConfig(2, 1 << 20, 64, Duration.ofSeconds(30), 1024);
  }

  @AfterEach
  void stop() {
    hub.close();
    store.close();
    loop.shutdownNow();
  }

  private void under(StreamPolicy.SlowFollower slow) {
    hub.close();
    store.close();
    StreamPolicy standard = StreamPolicy.DEFAULT;
    StreamPolicies policies =
        StreamPolicies.uniform(
            new StreamPolicy(
                standard.durability(), standard.retention(), standard.maxMessageBytes(), slow));
    store = new MemoryStore(policies, InstantSource.system());
    hub = new Hub(store, policies, small());
  }

  private void create() {
    hub.create(PATH, StreamSpec.of("text/plain")).join();
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      hub.append(PATH, Append.of("m".getBytes(UTF_8))).join();
    }
  }

  private void onLoop(Runnable task) {
    try {
      loop.submit(task).get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ConditionFactory eventually() {
    return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  private void awaitSeen(RecordingFollower follower, long first, long last) {
    eventually()
        .untilAsserted(
            () -> onLoop(() -> assertThat(follower.offsets).isEqualTo(range(first, last))));
  }

  private void awaitCaughtUp(RecordingFollower follower, int times) {
    eventually().untilAsserted(() -> onLoop(() -> assertThat(follower.caughtUp).hasSize(times)));
  }

  @Test
  void aFollowerReadsThePastAndThenHearsWhatComes() {
    create();
    append(300);
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, 0, follower);
    awaitCaughtUp(follower, 1);
    append(10);
    awaitSeen(follower, 1, 310);
    onLoop(() -> assertThat(follower.caughtUp).hasSize(1));
  }

  @Test
  void allIsReadPageByPage() {
    create();
    byte[][] messages = new byte[2_500][];
    Arrays.fill(messages, "m".getBytes(UTF_8));
    hub.append(PATH, Append.of(messages)).join();
    List<Long> offsets = new ArrayList<>();
    hub.readAll(PATH, 3, message -> offsets.add(message.offset()));
    assertThat(offsets).isEqualTo(range(4, 2_500));
    hub.readAll(StreamPath.of("chat/none"), 0, message -> offsets.clear());
    assertThat(offsets).isNotEmpty();
  }

  @Test
  void aFollowerFromNowHearsOnlyWhatComes() {
    create();
    append(5);
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, -1, follower);
    awaitCaughtUp(follower, 1);
    append(2);
    awaitSeen(follower, 6, 7);
  }

  @Test
  void aReaderSeesItsOwnWriteFromMemoryOrStore() {
    create();
    for (int i = 1; i <= 500; i++) {
      append(1);
      assertThat(hub.head(PATH).join().orElseThrow().tail()).isEqualTo(i);
      var slice = hub.read(PATH, i - 1, 10, 1000).join().orElseThrow();
      assertThat(slice.messages()).hasSize(1);
      assertThat(slice.upToDate()).isTrue();
    }
  }

  @Test
  void aMissingStreamEndsItsFollower() {
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, 0, follower);
    eventually().until(() -> follower.end == Follower.End.DELETED);
  }

  @Test
  void deletionReachesFollowersOnce() {
    create();
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, 0, follower);
    awaitCaughtUp(follower, 1);
    hub.delete(PATH).join();
    eventually().until(() -> follower.end == Follower.End.DELETED);
    create();
    append(1);
    assertThat(hub.read(PATH, 0, 10, 1000).join().orElseThrow().messages()).hasSize(1);
    onLoop(() -> {
      assertThat(follower.ends).isOne();
      assertThat(follower.offsets).isEmpty();
    });
  }

  @Test
  void closingEndsFollowersAfterTheLastMessage() {
    create();
    var live = new RecordingFollower(loop);
    hub.follow(PATH, 0, live);
    awaitCaughtUp(live, 1);
    append(3);
    hub.append(PATH, Append.closing()).join();
    eventually().until(() -> live.end == Follower.End.CLOSED);
    var late = new RecordingFollower(loop);
    hub.follow(PATH, 1, late);
    eventually().until(() -> late.end == Follower.End.CLOSED);
    onLoop(() -> {
      assertThat(live.offsets).isEqualTo(range(1, 3));
      assertThat(late.offsets).isEqualTo(range(2, 3));
      assertThat(late.caughtUp).hasSize(1);
    });
  }

  @Test
  void aTrimmedPositionEndsTheFollowerButTheBeginningMoves() {
    create();
    append(10);
    hub.store().trim(PATH, 6).join();
    var behind = new RecordingFollower(loop);
    hub.follow(PATH, 2, behind);
    var fromStart = new RecordingFollower(loop);
    hub.follow(PATH, 0, fromStart);
    eventually().until(() -> behind.end == Follower.End.TRIMMED);
    awaitSeen(fromStart, 6, 10);
  }

  @Test
  void aForksFollowerHearsThePastItSharesAndItsOwnFuture() {
    create();
    append(4);
    StreamPath fork = StreamPath.of("chat/fork");
    hub.create(
            fork,
            new StreamSpec(
                null,
                -1,
                -1,
                false,
                new StreamSpec.Fork(PATH, 2, 0, StreamSpec.Fork.Unit.MESSAGES),
                List.of()))
        .join();
    var follower = new RecordingFollower(loop);
    hub.follow(fork, 0, follower);
    awaitCaughtUp(follower, 1);
    append(3);
    hub.append(fork, Append.of("f".getBytes(UTF_8))).join();
    awaitSeen(follower, 1, 3);
  }

  @Test
  void aLosslessFollowerThatLagsGetsEverythingAfterItResumes() {
    create();
    var open = new AtomicBoolean(true);
    var follower = new RecordingFollower(loop, open::get);
    Subscription subscription = hub.follow(PATH, 0, follower);
    awaitCaughtUp(follower, 1);
    open.set(false);
    append(200); // more than the ring keeps
    eventually().until(() -> hub.stats().lagging() == 1);
    onLoop(() -> assertThat(follower.deliveries).hasSize(1));
    open.set(true);
    subscription.resume();
    awaitSeen(follower, 1, 200);
    awaitCaughtUp(follower, 2);
    assertThat(hub.stats().lagging()).isZero();
  }

  @Test
  void aLatestFollowerThatLagsGetsOnlyTheNewest() {
    under(StreamPolicy.SlowFollower.LATEST);
    create();
    var open = new AtomicBoolean(true);
    var follower = new RecordingFollower(loop, open::get);
    Subscription subscription = hub.follow(PATH, 0, follower);
    awaitCaughtUp(follower, 1);
    open.set(false);
    append(1);
    eventually().until(() -> hub.stats().lagging() == 1);
    append(99);
    eventually().until(() -> Arrays.stream(hub.shards()).anyMatch(shard -> knowsTail(shard, 100)));
    open.set(true);
    subscription.resume();
    awaitCaughtUp(follower, 2);
    onLoop(() -> {
      assertThat(follower.offsets).isEqualTo(List.of(1L, 100L));
      assertThat(follower.skipped).isEqualTo(98);
    });
  }

  private static boolean knowsTail(Shard shard, long tail) {
    View view = shard.fresh(PATH);
    return view != null && view.info().tail() == tail;
  }

  @Test
  void aDisconnectFollowerThatLagsIsSentAway() {
    under(StreamPolicy.SlowFollower.DISCONNECT);
    create();
    var follower = new RecordingFollower(loop, () -> false);
    hub.follow(PATH, 0, follower);
    awaitCaughtUp(follower, 1);
    append(1);
    eventually().until(() -> follower.end == Follower.End.TOO_SLOW);
    eventually().until(() -> hub.followers(PATH) == 0);
  }

  @Test
  void drainTellsEveryoneAndRefusesWhoComesLater() {
    create();
    var follower = new RecordingFollower(loop);
    hub.follow(PATH, 0, follower);
    hub.drain().join();
    assertThat(follower.end).isEqualTo(Follower.End.DRAINING);
    var late = new RecordingFollower(loop);
    hub.follow(PATH, 0, late);
    eventually().until(() -> late.end == Follower.End.DRAINING);
    assertThat(hub.stats().followers()).isZero();
  }

  @Test
  void aCancelledFollowerHearsNothingMore() {
    create();
    var follower = new RecordingFollower(loop);
    Subscription subscription = hub.follow(PATH, 0, follower);
    awaitCaughtUp(follower, 1);
    subscription.cancel();
    append(3);
    eventually().until(() -> hub.followers(PATH) == 0);
    onLoop(() -> {
      assertThat(follower.offsets).isEmpty();
      assertThat(follower.ends).isZero();
    });
  }

  @Test
  void messagesAreEncodedOncePerLoopAndTheEncodingIsClosedAfterTheLastFollower() {
    create();
    var encoded = new AtomicInteger();
    var closed = new AtomicInteger();
    var sentAfterClose = new AtomicInteger();
    Object wire = new Object();
    List<RecordingFollower> followers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      var follower =
          new RecordingFollower(loop) {
            @Override
            public boolean onDelivery(Delivery delivery) {
              AutoCloseable _ =
                  delivery.<AutoCloseable>encoded(
                      wire,
                      d -> {
                        encoded.incrementAndGet();
                        return closed::incrementAndGet;
                      });
              if (closed.get() == encoded.get()) {
                sentAfterClose.incrementAndGet();
              }
              return super.onDelivery(delivery);
            }
          };
      followers.add(follower);
      hub.follow(PATH, 0, follower);
    }
    followers.forEach(follower -> awaitCaughtUp(follower, 1));
    append(1);
    followers.forEach(follower -> awaitSeen(follower, 1, 1));
    assertThat(encoded).hasValue(1);
    assertThat(closed).hasValue(1);
    assertThat(sentAfterClose).hasValue(0);
  }

  @Test
  void aFollowerThatThrowsIsDroppedAndTheOthersGoOn() {
    create();
    var bad =
        new RecordingFollower(
            loop,
            () -> {
              throw new IllegalStateException("broken on purpose");
            });
    var good = new RecordingFollower(loop);
    hub.follow(PATH, 0, bad);
    hub.follow(PATH, 0, good);
    awaitCaughtUp(good, 1);
    append(2);
    awaitSeen(good, 1, 2);
    eventually().until(() -> bad.end == Follower.End.FAILED);
  }

  @Test
  void aFollowerThatThrowsWhenToldOfAGapIsDroppedAndTheOthersGoOn() {
    under(StreamPolicy.SlowFollower.LATEST);
    create();
    append(5);
    hub.store().trim(PATH, 4).join();
    var bad =
        new RecordingFollower(loop) {
          @Override
          public void onSkipped(long count) {
            throw new IllegalStateException("broken on purpose");
          }
        };
    var good = new RecordingFollower(loop);
    hub.follow(PATH, 1, bad);
    hub.follow(PATH, 1, good);
    awaitSeen(good, 4, 5);
    eventually().until(() -> bad.end == Follower.End.FAILED);
    onLoop(() -> assertThat(bad.offsets).isEmpty());
  }

  @Test
  void aNegativePositionIsRefusedByName() {
    assertThatThrownBy(() -> hub.follow(PATH, -2, new RecordingFollower(loop)))
        .hasMessage("follow after: -2 (expected: >= -1)");
  }
}
