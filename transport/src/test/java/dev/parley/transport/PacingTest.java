package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a loop rests. */
final class PacingTest {
  private static final long REST = 1_000_000;

  private final Pacing pacing = new Pacing(REST);
  private final int[] counted = new int[1000];
  private long now = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(20); // the clock may wrap
  private int next;

  @Test
  void manyClientsThatSendNowAndThenMakeItRest() {
    assertThat(restsWhile(200, 1, 500, 200_000)).isTrue();
  }

  @Test
  void theRestsThemselvesDoNotEndIt() {
    restsWhile(200, 1, 500, 200_000);
    assertThat(restsWhile(200, 5, 500, 1_100_000)).isTrue();
  }

  @Test
  void aLoneClientIsNeverKeptWaiting() {
    assertThat(restsWhile(1000, 1, 1, 100_000)).isFalse();
  }

  @Test
  void aFewClientsThatWaitForEachAnswerAreNotKeptWaiting() {
    assertThat(restsWhile(1000, 1, 31, 50_000)).isFalse();
  }

  @Test
  void aLoadThatFillsItsPassesByItselfIsLeftAlone() {
    assertThat(restsWhile(1000, 12, 500, 300_000)).isFalse();
  }

  @Test
  void broadcastsToManyAtALowRateAreLeftAlone() {
    assertThat(restsWhile(100, 500, 1000, 10_000_000)).isFalse();
  }

  @Test
  void aLoadThatGrowsUntilItFillsItsPassesEndsIt() {
    restsWhile(200, 1, 500, 200_000);
    assertThat(restsWhile(100, 40, 500, 1_500_000)).isFalse();
  }

  @Test
  void whenTheLoadIsOverTheNextMessageIsNotKeptWaiting() {
    restsWhile(200, 1, 500, 200_000);
    assertThat(restsWhile(1, 1, 1, TimeUnit.SECONDS.toNanos(1))).isFalse();
  }

  @Test
  void aStormOfNewConnectionsIsNotKeptWaiting() {
    restsWhile(200, 1, 500, 200_000);
    boolean rests = true;
    for (int i = 0; i < 200; i++) {
      pacing.countOpened();
      rests = restsWhile(10, 1, 500, 200_000);
    }
    assertThat(rests).isFalse();
  }

  @Test
  void withoutALengthThereIsNoRest() {
    Pacing off = new Pacing(0);
    for (int i = 0; i < 1000; i++) {
      counted[i % 500] = off.count(counted[i % 500]);
      assertThat(off.endPass(now += 200_000)).isZero();
    }
  }

  /** Whether it rests after so many passes, each of so many of the connections in turn. */
  private boolean restsWhile(int passes, int size, int connections, long everyNanos) {
    long rest = 0;
    for (int i = 0; i < passes; i++) {
      for (int j = 0; j < size; j++) {
        next = (next + 1) % connections;
        counted[next] = pacing.count(counted[next]);
      }
      now += everyNanos;
      rest = pacing.endPass(now);
    }
    return rest == REST;
  }
}
