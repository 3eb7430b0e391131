package dev.parley.conversation.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.conversation.provider.Failure.Code;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SlotsTest {
  private static final List<Priority> PRIORITIES = List.of(Priority.values());

  private final EmbeddedChannel clock = new EmbeddedChannel();
  private final List<String> started = new ArrayList<>();
  private final List<Wish> running = new ArrayList<>();

  @BeforeEach
  void freeze() {
    clock.freezeTime();
  }

  @AfterEach
  void close() {
    clock.finishAndReleaseAll();
  }

  /** One that asks, and what it heard. */
  private final class Wish implements Waiting {
    final String name;
    final List<Integer> places = new ArrayList<>();
    int granted;
    Ticket ticket;

    Wish(Slots slots, String user, Priority priority) {
      this.name = user;
      ticket = (Ticket) slots.acquire(user, priority, clock.eventLoop(), this);
    }

    @Override
    public void onPosition(int position) {
      assertThat(granted).isZero();
      places.add(position);
    }

    @Override
    public void onGranted() {
      granted++;
      started.add(name);
      running.add(this);
    }
  }

  private Slots slots(int running, int perUser, int waiting) {
    return new Slots(
        "p",
        new SlotsConfig(running, perUser, waiting, waiting, Duration.ofMillis(250)),
        clock.eventLoop());
  }

  private Wish ask(Slots slots, String user, Priority priority) {
    return new Wish(slots, user, priority);
  }

  private void settle() {
    clock.runPendingTasks();
  }

  private void advance() {
    clock.advanceTimeBy(250, TimeUnit.MILLISECONDS);
    clock.runScheduledPendingTasks();
    settle();
  }

  /** Ends the one that has run for longest, until nothing runs. */
  private void runAll() {
    for (settle(); !running.isEmpty(); settle()) {
      running.removeFirst().ticket.release();
    }
  }

  @Test
  void usersTakeTurnsHoweverManyOneAsksFor() {
    Slots slots = slots(1, 1, 100);
    for (int i = 0; i < 4; i++) {
      ask(slots, "a", Priority.NORMAL);
    }
    ask(slots, "b", Priority.NORMAL);
    ask(slots, "b", Priority.NORMAL);
    ask(slots, "c", Priority.NORMAL);
    runAll();
    assertThat(started).isSubsetOf("a", "b", "c").hasSize(7);
    assertThat(started.subList(1, 4)).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(started.getLast()).isEqualTo("a");
  }

  @Test
  void theMoreUrgentComeFirst() {
    Slots slots = slots(1, 9, 100);
    ask(slots, "first", Priority.LOW);
    ask(slots, "low", Priority.LOW);
    ask(slots, "normal", Priority.NORMAL);
    ask(slots, "high", Priority.HIGH);
    runAll();
    assertThat(started).containsExactly("first", "high", "normal", "low");
  }

  @Test
  void nobodyStarvesBehindTheMoreUrgent() {
    Slots slots = slots(1, 9, 1_000);
    ask(slots, "busy", Priority.HIGH);
    Wish low = ask(slots, "low", Priority.LOW);
    int turns = 0;
    while (low.granted == 0) {
      assertThat(++turns).isLessThanOrEqualTo(3 * Turns.TURN_OF_THE_PATIENT);
      ask(slots, "busy", Priority.HIGH);
      ask(slots, "new" + turns, Priority.HIGH);
      settle();
      running.removeFirst().ticket.release();
      settle();
    }
  }

  @Test
  void aUserAtTheLimitLetsOthersPass() {
    Slots slots = slots(3, 1, 100);
    ask(slots, "a", Priority.HIGH);
    ask(slots, "a", Priority.HIGH);
    ask(slots, "b", Priority.LOW);
    settle();
    assertThat(started).containsExactly("a", "b");
    assertThat(slots.stats()).isEqualTo(new SlotsStats(2, 1, 2, 0));
    running.getFirst().ticket.release();
    settle();
    assertThat(started).containsExactly("a", "b", "a");
  }

  @Test
  void placesAreToldAtOnceAndThenNowAndAgain() {
    Slots slots = slots(1, 9, 100);
    List<Wish> wishes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      wishes.add(ask(slots, "u" + i, Priority.NORMAL));
    }
    settle();
    assertThat(wishes.getFirst().places).isEmpty();
    assertThat(wishes.get(4).places).containsExactly(4);
    running.getFirst().ticket.release();
    wishes.get(1).ticket.release();
    settle();
    assertThat(wishes.get(4).places).containsExactly(4);
    advance();
    assertThat(wishes.get(4).places).containsExactly(4, 2);
    advance();
    advance();
    assertThat(wishes.get(4).places).containsExactly(4, 2);
    wishes.get(3).ticket.release();
    settle();
    assertThat(wishes.get(4).places).containsExactly(4, 2, 1);
  }

  @Test
  void aPlaceCountsTheTurnsOfOthers() {
    Slots slots = slots(1, 9, 100);
    ask(slots, "first", Priority.NORMAL);
    ask(slots, "a", Priority.NORMAL);
    Wish second = ask(slots, "a", Priority.NORMAL);
    Wish other = ask(slots, "b", Priority.NORMAL);
    Wish urgent = ask(slots, "b", Priority.HIGH);
    settle();
    assertThat(urgent.places).containsExactly(1);
    assertThat(other.places).containsExactly(3);
    assertThat(second.places).containsExactly(4);
  }

  @Test
  void aFullQueueRefusesAtOnce() {
    Slots slots = slots(1, 9, 1);
    ask(slots, "a", Priority.NORMAL);
    ask(slots, "a", Priority.NORMAL);
    Admission admission =
        slots.acquire(
            "b", Priority.HIGH, clock.eventLoop(), ask(slots(9, 9, 9), "x", Priority.LOW));
    assertThat(admission)
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            refused -> assertThat(refused.failure().code()).isEqualTo(Code.QUEUE_FULL));
    assertThat(slots.stats().refused()).isEqualTo(1);
    assertThat(slots.users()).isEqualTo(1);
  }

  @Test
  void oneUserAloneDoesNotFillTheQueue() {
    Slots slots =
        new Slots("p", new SlotsConfig(1, 1, 10, 1, Duration.ofSeconds(1)), clock.eventLoop());
    ask(slots, "a", Priority.NORMAL);
    Wish waits = ask(slots, "a", Priority.NORMAL);
    assertThat(slots.acquire("a", Priority.HIGH, clock.eventLoop(), waits))
        .isInstanceOf(Admission.Refused.class);
    assertThat(slots.acquire("b", Priority.LOW, clock.eventLoop(), waits))
        .isInstanceOf(Ticket.class);
  }

  @Test
  void aReleasedTicketIsNotCalledAgain() {
    Slots slots = slots(1, 9, 100);
    Wish granted = ask(slots, "a", Priority.NORMAL);
    Wish waits = ask(slots, "b", Priority.NORMAL);
    granted.ticket.release();
    waits.ticket.release();
    granted.ticket.release();
    settle();
    assertThat(started).isEmpty();
    assertThat(waits.places).isEmpty();
    assertThat(slots.stats()).isEqualTo(new SlotsStats(0, 0, 2, 0));
    assertThat(slots.users()).isZero();
  }

  @Test
  void thoseWhoseLoopHasGoneKeepNoSlot() {
    Slots slots = slots(1, 20_000, 20_000);
    Wish first = ask(slots, "a", Priority.NORMAL);
    boolean[] gone = {false};
    for (int i = 0; i < 10_000; i++) {
      slots.acquire(
          "a",
          Priority.NORMAL,
          what -> {
            if (gone[0]) {
              throw new RejectedExecutionException();
            }
          },
          first);
    }
    settle();
    gone[0] = true;
    first.ticket.release();
    assertThat(slots.stats().running()).isZero();
    assertThat(slots.stats().waiting()).isZero();
  }

  @Test
  void aSlowLoopHasOneReportWaiting() {
    List<Runnable> slow = new ArrayList<>();
    Slots slots = slots(1, 9, 100);
    ask(slots, "a", Priority.NORMAL);
    List<Wish> ahead = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      ahead.add(ask(slots, "u" + i, Priority.NORMAL));
    }
    Wish heard = ask(slots(9, 9, 9), "x", Priority.NORMAL);
    settle();
    heard.granted = 0;
    slots.acquire("z", Priority.NORMAL, slow::add, heard);
    for (Wish wish : ahead) {
      advance();
      wish.ticket.release();
    }
    advance();
    assertThat(slow).hasSize(1);
    slow.getFirst().run();
    assertThat(heard.places).containsExactly(1);
  }

  @Test
  void noSlotIsLostOrDoubledAndNoneStaysEmpty() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      String as = "seed " + seed + ", round " + round;
      int limit = 1 + random.nextInt(6);
      int perUser = 1 + random.nextInt(3);
      Slots slots = slots(limit, perUser, 50);
      List<Wish> wishes = new ArrayList<>();
      for (int step = 0; step < 300; step++) {
        if (random.nextInt(3) > 0 && slots.stats().waiting() < 50) {
          String user = "u" + random.nextInt(6);
          wishes.add(ask(slots, user, PRIORITIES.get(random.nextInt(3))));
        } else if (!wishes.isEmpty()) {
          wishes.remove(random.nextInt(wishes.size())).ticket.release();
        }
        settle();
        check(slots, wishes, limit, perUser, as + ", step " + step);
      }
      wishes.forEach(wish -> wish.ticket.release());
      settle();
      assertThat(slots.stats().running()).as(as).isZero();
      assertThat(slots.stats().waiting()).as(as).isZero();
      assertThat(slots.users()).as(as).isZero();
      running.clear();
    }
  }

  private static void check(Slots slots, List<Wish> wishes, int limit, int perUser, String as) {
    Map<String, Integer> ofUser = new HashMap<>();
    int granted = 0;
    for (Wish wish : wishes) {
      assertThat(wish.granted).as(as).isBetween(0, 1);
      granted += wish.granted;
      ofUser.merge(wish.name, wish.granted, Integer::sum);
    }
    assertThat(granted).as(as).isEqualTo(slots.stats().running()).isLessThanOrEqualTo(limit);
    assertThat(wishes.size() - granted).as(as).isEqualTo(slots.stats().waiting());
    assertThat(ofUser.values()).as(as).allMatch(count -> count <= perUser);
    boolean full = granted == limit;
    assertThat(wishes)
        .as(as)
        .allMatch(
            wish -> full || wish.granted == 1 || ofUser.getOrDefault(wish.name, 0) == perUser);
  }

  @Test
  void whoeverAlwaysWaitsGetsAnEqualShare() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Slots slots = slots(4, 4, 1_000);
    for (int user = 0; user < 10; user++) {
      for (int i = 0; i < 40 + random.nextInt(60); i++) {
        ask(slots, "u" + user, Priority.NORMAL);
      }
    }
    settle();
    for (int turn = 0; turn < 360; turn++) {
      running.remove(random.nextInt(running.size())).ticket.release();
      settle();
    }
    Map<String, Integer> shares = new HashMap<>();
    started.forEach(user -> shares.merge(user, 1, Integer::sum));
    assertThat(shares.values()).as("seed %s: %s", seed, shares).allMatch(n -> n >= 33 && n <= 42);
  }

  @Test
  void manyThreadsNeverExceedTheLimits() throws Exception {
    long seed = System.nanoTime();
    int limit = 5;
    int threads = 4;
    int each = 2_000;
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    Slots slots =
        new Slots("p", new SlotsConfig(limit, 2, 100_000, 100_000, Duration.ofMillis(1)), timer);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ConcurrentLinkedQueue<Throwable> thrown = new ConcurrentLinkedQueue<>();
    CountDownLatch ended = new CountDownLatch(threads * each);
    try {
      for (int thread = 0; thread < threads; thread++) {
        Random random = new Random(seed + thread);
        workers.execute(() -> {
          try {
            for (int i = 0; i < each; i++) {
              Holder holder = new Holder(now, most, ended, workers);
              String user = "u" + random.nextInt(20);
              Priority priority = PRIORITIES.get(random.nextInt(3));
              holder.ticket.complete((Ticket) slots.acquire(user, priority, workers, holder));
            }
          } catch (RuntimeException | Error e) {
            thrown.add(e);
          }
        });
      }
      assertThat(ended.await(60, TimeUnit.SECONDS)).as("seed %s, %s", seed, thrown).isTrue();
      assertThat(most.get()).isBetween(1, limit);
      assertThat(slots.stats()).isEqualTo(new SlotsStats(0, 0, (long) threads * each, 0));
      assertThat(slots.users()).isZero();
      assertThat(thrown).isEmpty();
    } finally {
      workers.shutdownNow();
      timer.shutdownNow();
    }
  }

  /** Runs for as long as it takes to be asked to end. */
  private record Holder(
      AtomicInteger now,
      AtomicInteger most,
      CountDownLatch ended,
      ExecutorService workers,
      CompletableFuture<Ticket> ticket)
      implements Waiting {
    Holder(AtomicInteger now, AtomicInteger most, CountDownLatch ended, ExecutorService workers) {
      this(now, most, ended, workers, new CompletableFuture<>());
    }

    @Override
    public void onPosition(int position) {
      if (position < 1) {
        throw new AssertionError("position " + position);
      }
    }

    @Override
    public void onGranted() {
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      var _ =
          ticket.thenAcceptAsync(
              held -> {
                now.decrementAndGet();
                held.release();
                ended.countDown();
              },
              workers);
    }
  }

  @Test
  void aLimitOfNothingIsRefused() {
    assertThatThrownBy(() -> new SlotsConfig(0, 1, 1, 1, Duration.ofSeconds(1)))
        .hasMessage("provider.limit.running: 0 (expected: >= 1)");
  }
}
