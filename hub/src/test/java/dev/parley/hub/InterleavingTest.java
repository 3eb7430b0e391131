package dev.parley.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Append;
import dev.parley.stream.CreateResult;
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
 * hears must be right in all of them. {@code -Dparley.rounds=30000} plays longer, {@code
 * -Dparley.seed=N -Dparley.rounds=1} plays one round again.
 */
class InterleavingTest {
  private static final int ROUNDS = Integer.getInteger("parley.rounds", 300);
  private static final int STEPS = 400;

  /** Far more turns than everyone needs to come to rest. */
  private static final int TURNS_TO_REST = 10_000;

  /** A path and what is true of it. */
  private static final class Place {
    final StreamPath path;
    long streamId;
    long tail;
    long trims;
    boolean exists;
    boolean closed;

    Place(String path) {
      this.path = StreamPath.of(path);
    }

    void create(Hub hub) {
      streamId =
          ((CreateResult.Created) hub.create(path, StreamSpec.of("text/plain")).join()).info().id();
      tail = 0;
      exists = true;
      closed = false;
    }

    void append(Hub hub, byte[]... payloads) {
      hub.append(path, Append.of(payloads)).join();
      tail += payloads.length;
    }

    void close(Hub hub) {
      hub.append(path, Append.closing()).join();
      closed = true;
    }

    void delete(Hub hub) {
      hub.delete(path).join();
      exists = false;
    }
  }

  /** Checks, at each call, that nothing is repeated, left out or untrue. */
  private static final class Checking implements Follower {
    private final Executor loop;
    private final Random random;
    private final String seed;
    private final SlowFollower slow;
    private final Place place;
    private final long after;
    private final long cameForStream;
    private final long cameAfterTrims;
    private final boolean cameTooFar;
    private long position;
    private long delivered;
    private long skipped;
    private long streamId = -1;
    private boolean caughtUp;
    private boolean lagging;
    private boolean always;
    private boolean cancelled;
    private @Nullable End end;
    private @Nullable Subscription subscription;

    Checking(
        Executor loop, Random random, String seed, SlowFollower slow, Place place, long after) {
      this.loop = loop;
      this.random = random;
      this.seed = seed + ", " + slow + " from " + after;
      this.slow = slow;
      this.place = place;
      this.after = after;
      this.cameForStream = place.exists ? place.streamId : -1;
      this.cameAfterTrims = place.trims;
      this.cameTooFar = after > place.tail;
      this.position = after;
    }

    @Override
    public Executor loop() {
      return loop;
    }

    @Override
    public boolean onDelivery(Delivery delivery) {
      assertFollows(delivery.info());
      assertThat(lagging).as("%s: delivered while lagging", seed).isFalse();
      boolean anywhere =
          position == Following.FROM_NOW || (after == 0 && delivered == 0 && !caughtUp);
      long first = delivery.first();
      if (!anywhere) {
        assertThat(first).as(seed).isEqualTo(position + 1);
      }
      assertThat(delivery.last()).as(seed).isEqualTo(first + delivery.messages().size() - 1);
      assertThat(delivery.last()).as(seed).isLessThanOrEqualTo(delivery.info().tail());
      position = delivery.last();
      delivered += delivery.messages().size();
      lagging = !always && random.nextInt(3) == 0;
      return !lagging;
    }

    @Override
    public void onCaughtUp(StreamInfo info) {
      assertFollows(info);
      assertThat(lagging).as(seed).isFalse();
      boolean nothingLeft = info.first() > info.tail();
      if (position == Following.FROM_NOW || (position == 0 && nothingLeft)) {
        position = info.tail();
      }
      assertThat(info.tail()).as(seed).isEqualTo(position);
      caughtUp = true;
    }

    private void assertFollows(StreamInfo info) {
      assertThat(end).as(seed).isNull();
      assertThat(info.id()).as(seed).isGreaterThanOrEqualTo(cameForStream);
      if (streamId >= 0) {
        assertThat(info.id()).as(seed).isEqualTo(streamId);
      }
      streamId = info.id();
    }

    @Override
    public void onSkipped(long count) {
      assertThat(slow).as(seed).isEqualTo(SlowFollower.LATEST);
      assertThat(count).as(seed).isPositive();
      skipped += count;
      position += position == Following.FROM_NOW ? 0 : count; // unknown until the first delivery
    }

    @Override
    public void onEnd(End why) {
      assertThat(end).as(seed).isNull();
      end = why;
      switch (why) {
        case CLOSED -> {
          assertThat(place.closed || place.streamId > streamId).as(seed).isTrue();
          assertThat(caughtUp).as(seed).isTrue();
        }
        case DELETED ->
            assertThat(streamIsGone() || cameTooFar).as("%s: its stream lives", seed).isTrue();
        case TRIMMED -> {
          assertThat(place.trims).as(seed).isGreaterThan(after == 0 ? cameAfterTrims : 0);
          assertThat(slow).as(seed).isNotEqualTo(SlowFollower.LATEST);
        }
        case TOO_SLOW -> assertThat(slow).as(seed).isEqualTo(SlowFollower.DISCONNECT);
        case FAILED ->
            assertThat(streamId).as("%s: its arrival was not refused", seed).isNegative();
        case DRAINING -> throw new AssertionError(seed + ": nobody drains");
      }
    }

    private boolean streamIsGone() {
      return !place.exists || place.streamId != (streamId >= 0 ? streamId : cameForStream);
    }

    /**
     * Everything is still: whoever stays must have heard it all, and of the stream that is there.
     */
    void assertAtRest() {
      assertThat(position).as(seed).isEqualTo(place.tail);
      assertThat(caughtUp).as(seed).isTrue();
      assertThat(streamId).as(seed).isEqualTo(place.streamId);
      assertThat(place.closed).as("%s: the end of its stream was not told", seed).isFalse();
      if (after > 0) {
        assertThat(delivered + skipped).as(seed).isEqualTo(position - after);
      }
    }

    boolean stays() {
      return end == null && !cancelled;
    }

    void follow(Hub hub) {
      subscription = hub.follow(place.path, after, this);
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
      cancelled = true;
    }
  }

  @ParameterizedTest
  @EnumSource(SlowFollower.class)
  void everyFollowerHearsEverythingOnceAndInOrder(SlowFollower slow) throws Exception {
    long base = Long.getLong("parley.seed", System.nanoTime());
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
    if (ROUNDS >= 100) {
      assertThat(overruns).as("rounds in which a mailbox was full").isPositive();
    }
  }

  private static HubStats play(SlowFollower slow, long seedNumber) throws Exception {
    String seed = "seed " + seedNumber;
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
    List<Place> places = List.of(new Place("a"), new Place("b"));
    List<Checking> followers = new ArrayList<>();
    for (Place place : places) {
      place.create(hub);
    }
    boolean ends = random.nextInt(3) == 0; // streams are closed, and deleted, and made anew
    for (int step = 0; step < STEPS; step++) {
      clock[0] += random.nextInt(2_000_000);
      Place place = places.get(random.nextInt(places.size()));
      switch (random.nextInt(14)) {
        case 0, 1, 2, 3 -> {
          if (!place.exists) {
            place.create(hub);
          } else if (!place.closed) {
            byte[][] payloads = new byte[1 + random.nextInt(4)][];
            for (int i = 0; i < payloads.length; i++) {
              payloads[i] = "x".repeat(random.nextInt(60)).getBytes(UTF_8);
            }
            place.append(hub, payloads);
          }
        }
        case 4 -> {
          long[] from = {
            0, -1, random.nextLong(place.tail + 1), place.tail, place.tail + random.nextInt(4)
          };
          Checking follower =
              new Checking(
                  loops.get(random.nextInt(2)),
                  random,
                  seed,
                  slow,
                  place,
                  from[random.nextInt(from.length)]);
          follower.follow(hub);
          followers.add(follower);
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
            place.trims++;
            store.trim(place.path, random.nextLong(place.tail + 1) + 1).join();
          } else if (ends && place.exists) {
            switch (random.nextInt(20)) {
              case 0 -> place.delete(hub);
              case 1 -> {
                place.delete(hub);
                place.create(hub);
              }
              case 2 -> place.close(hub);
              default -> {}
            }
          }
        }
        default -> {
          if (!followers.isEmpty() && random.nextInt(6) == 0) {
            followers.get(random.nextInt(followers.size())).cancel();
          }
        }
      }
    }
    settle(seed, store, shard, loops, followers, random);
    List<Checking> staying = followers.stream().filter(Checking::stays).toList();
    staying.forEach(Checking::assertAtRest);
    assertThat(hub.stats().followers()).as(seed).isEqualTo(staying.size());
    assertThat(hub.stats().lagging()).as(seed).isZero();
    // Everyone hears the last words, exactly once.
    for (Place place : places) {
      if (place.exists && !place.closed) {
        place.append(hub, "last".getBytes(UTF_8));
        place.close(hub);
      }
    }
    settle(seed, store, shard, loops, followers, random);
    for (Checking follower : staying) {
      assertThat(follower.end).as(follower.seed).isEqualTo(Follower.End.CLOSED);
      assertThat(follower.position).as(follower.seed).isEqualTo(follower.place.tail);
    }
    assertThat(hub.stats().followers()).as(seed).isZero();
    store.close();
    return hub.stats();
  }

  private static void settle(
      String seed,
      HeldStore store,
      Shard shard,
      List<CrankedLoop> loops,
      List<Checking> followers,
      Random random)
      throws InterruptedException {
    int turns = 0;
    for (int quiet = 0; quiet < 3; ) {
      assertThat(++turns).as("%s: turns to come to rest", seed).isLessThan(TURNS_TO_REST);
      boolean moved = false;
      for (Checking follower : followers) {
        follower.always = true;
        if (follower.lagging && follower.stays()) {
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
