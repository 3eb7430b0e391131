package dev.parley.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.stream.Append;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many followers on several real loops, while the stream grows. */
class CrowdTest {
  private static final StreamPath PATH = StreamPath.of("crowd");

  private final MemoryStore store = new MemoryStore();
  private final Hub hub =
      new Hub(
          store,
          StreamPolicies.uniform(StreamPolicy.DEFAULT),
          new HubConfig(2, 1 << 20, 64, Duration.ofSeconds(30), 65_536));
  private final List<ExecutorService> loops = new ArrayList<>();

  CrowdTest() {
    for (int i = 0; i < 3; i++) {
      loops.add(
          Executors.newSingleThreadExecutor(task -> Thread.ofPlatform().daemon().unstarted(task)));
    }
  }

  @AfterEach
  void stop() {
    hub.close();
    store.close();
    loops.forEach(ExecutorService::shutdownNow);
  }

  /** Counts what does not follow on what it has seen; now and then it stops, and comes back. */
  private static final class Counting implements Follower {
    private final Executor loop;
    private final int stopsOneIn;
    private final AtomicLong wrong;
    private volatile long position;
    private volatile boolean caughtUp;
    private @Nullable Subscription subscription;

    Counting(Executor loop, long after, int stopsOneIn, AtomicLong wrong) {
      this.loop = loop;
      this.position = after;
      this.stopsOneIn = stopsOneIn;
      this.wrong = wrong;
    }

    @Override
    public Executor loop() {
      return loop;
    }

    @Override
    public boolean onDelivery(Delivery delivery) {
      if (delivery.first() != position + 1) {
        wrong.incrementAndGet();
      }
      position = delivery.last();
      if (stopsOneIn == 0 || position % stopsOneIn != 0) {
        return true;
      }
      loop.execute(() -> {
        if (subscription != null) {
          subscription.resume();
        }
      });
      return false;
    }

    @Override
    public void onCaughtUp(StreamInfo info) {
      caughtUp = true;
    }

    @Override
    public void onEnd(End end) {
      if (end != End.DRAINING) {
        wrong.incrementAndGet();
      }
    }
  }

  @Test
  void followersThatComeAndGoWhileTheStreamGrowsMissAndRepeatNothing() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    System.getLogger("test").log(Level.INFO, "seed {0}", seed);
    AtomicLong wrong = new AtomicLong();
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    List<Counting> followers = new ArrayList<>();
    int messages = 4000;
    for (int i = 1; i <= messages; i++) {
      var appended = hub.append(PATH, Append.of("token".getBytes(UTF_8)));
      if (i % 50 == 0) {
        appended.join();
      }
      if (random.nextInt(8) == 0) {
        Counting follower =
            new Counting(
                loops.get(random.nextInt(3)), random.nextInt(i), 5 + random.nextInt(50), wrong);
        // Before it can be told anything: its subscription must be known to it.
        follower.loop.execute(
            () -> follower.subscription = hub.follow(PATH, follower.position, follower));
        followers.add(follower);
      }
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> followers.stream().allMatch(follower -> follower.position == messages));
    assertThat(wrong).as("seed %d", seed).hasValue(0);
  }

  @Test
  void anIdleFollowerCostsAFewHundredBytes() {
    int count = 10_000;
    AtomicLong wrong = new AtomicLong();
    hub.create(PATH, StreamSpec.of("text/plain")).join();
    List<Counting> followers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      followers.add(new Counting(loops.get(i % 3), 0, 0, wrong));
    }
    long before = usedHeap();
    for (Counting follower : followers) {
      follower.subscription = hub.follow(PATH, 0, follower);
    }
    await().until(() -> followers.stream().allMatch(follower -> follower.caughtUp));
    long each = (usedHeap() - before) / count;
    System.getLogger("test").log(Level.INFO, "{0} bytes per idle follower", each);
    assertThat(each).isLessThan(300);

    long start = System.nanoTime();
    hub.append(PATH, Append.of("token".getBytes(UTF_8))).join();
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> followers.stream().allMatch(follower -> follower.position == 1));
    System.getLogger("test")
        .log(
            Level.INFO,
            "{0} followers reached in at most {1} ms",
            count,
            Duration.ofNanos(System.nanoTime() - start).toMillis());
    assertThat(wrong).hasValue(0);
  }

  private static long usedHeap() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      used = Math.min(used, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return used;
  }
}
