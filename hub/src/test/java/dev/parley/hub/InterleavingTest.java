package dev.parley.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Append;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamPolicy.SlowFollower;
import dev.parley.stream.StreamSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every thread but the store's is turned by hand, in an order drawn from a seed: what a follower
 * hears must be right in all of them.
 */
class InterleavingTest {
  private static final int ROUNDS = Integer.getInteger("parley.rounds", 300);
  private static final int STEPS = 400;

  /** Checks, at each delivery, that nothing is repeated or left out. */
  private static final class Checking implements Follower {
    private final Executor loop;
    private final Random random;
    private final String seed;
    private final boolean fromStart;
    private final long after;
    private long position;
    private long delivered;
    private long skipped;
    private long streamId = -1;
    private boolean lagging;
    private boolean always;
    private @Nullable End end;
    private long caughtUpAt = -1;
    private @Nullable Subscription subscription;

    Checking(Executor loop, Random random, String seed, long after) {
      this.loop = loop;
      this.random = random;
      this.seed = seed;
      this.after = after;
      this.fromStart = after == 0;
      this.position = after;
    }

    @Override
    public Executor loop() {
      return loop;
    }

    @Override
    public boolean onDelivery(Delivery delivery) {
      assertThat(end).as(seed).isNull();
      assertThat(lagging).as("%s: delivered while lagging", seed).isFalse();
      long first = delivery.first();
      boolean anywhere = position == Following.FROM_NOW || (fromStart && position == 0 && caughtUpAt < 0);
      if (!anywhere) {
        assertThat(first).as("%s: follower from %d", seed, after).isEqualTo(position + 1);
      }
      assertThat(delivery.last()).isEqualTo(first + delivery.messages().size() - 1);
      if (streamId >= 0) {
        assertThat(delivery.info().id()).as(seed).isEqualTo(streamId);
      }
      streamId = delivery.info().id();
      position = delivery.last();
      delivered += delivery.messages().size();
      lagging = !always && random.nextInt(3) == 0;
      return !lagging;
    }

    @Override
    public void onCaughtUp(StreamInfo info) {
      assertThat(end).as(seed).isNull();
      assertThat(lagging).as(seed).isFalse();
      if (position == Following.FROM_NOW || info.first() > info.tail()) {
        position = Math.max(position, info.tail());
      }
      assertThat(info.tail()).as(seed).isLessThanOrEqualTo(position);
      caughtUpAt = info.tail();
    }

    @Override
    public void onSkipped(long count) {
      assertThat(count).as(seed).isPositive();
      skipped += count;
      position += position == Following.FROM_NOW ? 0 : count; // unknown until the first delivery
    }

    @Override
    public void onEnd(End why) {
      assertThat(end).as(seed).isNull();
      end = why;
    }

    void resume() {
      lagging = false;
      if (subscription != null) {
        subscription.resume();
      }
    }

    void cancel() {
      if (subscription != null) {
        subscription.cancel();
      }
      end = End.DRAINING;
    }
  }

  @ParameterizedTest
  @EnumSource(SlowFollower.class)
  void everyFollowerHearsEverythingOnceAndInOrder(SlowFollower slow) throws Exception {
    long base = System.nanoTime();
    long overruns = 0;
    long caughtUp = 0;
    for (int round = 0; round < ROUNDS; round++) {
      HubStats stats = play(slow, base + round);
      overruns += stats.overruns();
      caughtUp += stats.catchUps();
    }
    System.getLogger("test")
        .log(
            System.Logger.Level.INFO,
            "seeds {0} to {1}, {2}: {3} overruns, {4} catch-ups",
            base,
            base + ROUNDS - 1,
            slow,
            overruns,
            caughtUp);
    assertThat(overruns).as("rounds in which a mailbox was full").isPositive();
  }

  private static HubStats play(SlowFollower slow, long seedNumber) throws Exception {
    String seed = "seed " + seedNumber + ", " + slow;
    Random random = new Random(seedNumber);
    StreamPolicy standard = StreamPolicy.DEFAULT;
    StreamPolicies policies =
        StreamPolicies.uniform(
            new StreamPolicy(
                standard.durability(), standard.retention(), standard.maxMessageBytes(), slow));
    HeldStore store = new HeldStore(new MemoryStore(policies, InstantSource.system()));
    long[] clock = {0};
    HubConfig config = new HubConfig(1, 4096, 8, Duration.ofMillis(50), 16);
    Hub hub = new Hub(store, policies, config, HubObserver.NONE, () -> clock[0]);
    Shard shard = hub.shards()[0];
    List<CrankedLoop> loops = List.of(new CrankedLoop(), new CrankedLoop());
    List<StreamPath> paths = List.of(StreamPath.of("a"), StreamPath.of("b"));
    List<Checking> followers = new ArrayList<>();
    List<StreamPath> followed = new ArrayList<>();
    long[] tails = new long[paths.size()];
    for (StreamPath path : paths) {
      hub.create(path, StreamSpec.of("text/plain")).join();
    }
    boolean deletes = random.nextInt(4) == 0;
    for (int step = 0; step < STEPS; step++) {
      clock[0] += random.nextInt(2_000_000);
      int stream = random.nextInt(paths.size());
      StreamPath path = paths.get(stream);
      switch (random.nextInt(14)) {
        case 0, 1, 2, 3 -> {
          int count = 1 + random.nextInt(4);
          byte[][] payloads = new byte[count][];
          for (int i = 0; i < count; i++) {
            payloads[i] = "x".repeat(random.nextInt(60)).getBytes(UTF_8);
          }
          hub.append(path, Append.of(payloads)).join();
          tails[stream] += count;
        }
        case 4 -> {
          long[] from = {0, -1, random.nextLong(tails[stream] + 1), tails[stream]};
          Checking follower =
              new Checking(
                  loops.get(random.nextInt(2)), random, seed, from[random.nextInt(from.length)]);
          follower.subscription = hub.follow(path, follower.after, follower);
          followers.add(follower);
          followed.add(path);
        }
        case 5, 6 -> shard.turn(0);
        case 7, 8, 9 -> loops.get(random.nextInt(2)).turn();
        case 10 -> store.release(random);
        case 11 -> {
          if (!followers.isEmpty()) {
            Checking follower = followers.get(random.nextInt(followers.size()));
            if (follower.lagging) {
              follower.resume();
            }
          }
        }
        case 12 -> {
          if (random.nextInt(8) == 0) {
            store.trim(path, random.nextLong(tails[stream] + 1) + 1).join();
          } else if (deletes && random.nextInt(10) == 0) {
            hub.delete(path).join();
            hub.create(path, StreamSpec.of("text/plain")).join();
            tails[stream] = 0;
          }
        }
        default -> {
          if (!followers.isEmpty() && random.nextInt(6) == 0) {
            followers.get(random.nextInt(followers.size())).cancel();
          }
        }
      }
    }
    settle(store, shard, loops, followers, random);
    for (int i = 0; i < followers.size(); i++) {
      Checking follower = followers.get(i);
      long tail = tails[paths.indexOf(followed.get(i))];
      if (follower.end == null) {
        assertThat(follower.position)
            .as("%s: follower %d from %d", seed, i, follower.after)
            .isEqualTo(Math.max(tail, follower.after));
        assertThat(follower.caughtUpAt).as(seed).isNotNegative();
        if (follower.after > 0) {
          assertThat(follower.delivered + follower.skipped)
              .as(seed)
              .isEqualTo(follower.position - follower.after);
        }
        if (slow != SlowFollower.LATEST) {
          assertThat(follower.skipped).isZero();
        }
      }
    }
    long stays = followers.stream().filter(follower -> follower.end == null).count();
    assertThat(hub.stats().followers()).as(seed).isEqualTo(stays);
    assertThat(hub.stats().lagging()).as(seed).isZero();
    // Everyone hears the last words, exactly once.
    for (StreamPath path : paths) {
      hub.append(path, Append.of("last".getBytes(UTF_8))).join();
      hub.append(path, Append.closing()).join();
    }
    List<Checking> rest = followers.stream().filter(follower -> follower.end == null).toList();
    settle(store, shard, loops, followers, random);
    assertThat(rest).as(seed).allMatch(follower -> follower.end == Follower.End.CLOSED);
    assertThat(hub.stats().followers()).as(seed).isZero();
    store.close();
    return hub.stats();
  }

  private static void settle(
      HeldStore store,
      Shard shard,
      List<CrankedLoop> loops,
      List<Checking> followers,
      Random random)
      throws InterruptedException {
    for (int quiet = 0; quiet < 3; ) {
      boolean moved = false;
      for (Checking follower : followers) {
        follower.always = true;
        if (follower.lagging && follower.end == null) {
          follower.resume();
          moved = true;
        }
      }
      shard.turn(0);
      for (CrankedLoop loop : loops) {
        while (loop.turn()) {
          moved = true;
        }
      }
      while (store.release(random)) {
        moved = true;
      }
      quiet = moved ? 0 : quiet + 1;
    }
  }
}
