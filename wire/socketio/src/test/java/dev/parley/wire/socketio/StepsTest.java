package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StepsTest {
  private final Steps steps = new Steps();
  private final List<String> done = new ArrayList<>();

  private Steps.Step waiting(String name) {
    return steps.await((_, _) -> done.add(name));
  }

  private Steps.Step kept(String name) {
    return steps.awaitKept((position, _) -> done.add(name + position));
  }

  @Test
  void aStepRunsAtOnceWhenNothingWaits() {
    steps.run(() -> done.add("a"));

    assertThat(done).containsExactly("a");
  }

  @Test
  void aStepThatWaitsHoldsUpThoseBehindIt() {
    Steps.Step first = waiting("a");
    steps.run(() -> done.add("b"));
    Steps.Step second = kept("c");
    steps.run(() -> done.add("d"));
    steps.ready(second.id, 7, 0);
    assertThat(done).isEmpty();

    steps.ready(first, Delivery.NOT_KEPT, 0);

    assertThat(done).containsExactly("a", "b", "c7", "d");
  }

  @Test
  void whatAStepDoesItselfIsPartOfIt() {
    Steps.Step first = steps.await((_, _) -> steps.run(() -> done.add("inside")));
    steps.run(() -> done.add("after"));

    steps.ready(first, Delivery.NOT_KEPT, 0);

    assertThat(done).containsExactly("inside", "after");
  }

  @Test
  void readyTwiceIsReadyOnce() {
    Steps.Step first = kept("a");
    steps.ready(first, 5, 0);
    steps.ready(first, Delivery.NOT_KEPT, 0);
    steps.ready(99, 1, 0);

    assertThat(done).containsExactly("a5");
  }

  @Test
  void whatIsKeptElsewhereComesAfterAllCalledBeforeThatMayComeFirst() {
    Steps.Step save = waiting("save");
    steps.run(() -> done.add("join"));
    steps.kept(3, 0, (position, _) -> done.add("message" + position));
    Steps.Step later = kept("later");
    steps.ready(later, 4, 0);

    steps.ready(save, Delivery.NOT_KEPT, 0);

    assertThat(done).containsExactly("save", "join", "message3", "later4");
  }

  @Test
  void whatIsKeptElsewhereComesBeforeWhatIsKeptAfterwards() {
    Steps.Step save = waiting("save");
    Steps.Step first = kept("first");
    steps.ready(first, 1, 0);
    Steps.Step second = kept("second");
    steps.run(() -> done.add("behind second"));
    steps.kept(2, 0, (position, _) -> done.add("elsewhere" + position));
    steps.ready(second, 3, 0);

    steps.ready(save, Delivery.NOT_KEPT, 0);

    assertThat(done).containsExactly("save", "first1", "elsewhere2", "second3", "behind second");
  }

  @Test
  void positionsNeverGoBackWhateverTheOrderOfEvents() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Long> positions = new ArrayList<>();
    List<Steps.Step> appended = new ArrayList<>(); // the store answers in their order
    List<Steps.Step> saves = new ArrayList<>();
    int calls = 0;
    int ran = 0;
    int[] plain = new int[1];
    long position = 0;
    for (int i = 0; i < 5_000; i++) {
      switch (random.nextInt(6)) {
        case 0 -> appended.add(steps.awaitKept((at, _) -> positions.add(at)));
        case 1 -> saves.add(steps.await((_, _) -> plain[0]++));
        case 2 -> {
          calls++;
          steps.run(() -> plain[0]++);
        }
        case 3 -> {
          steps.kept(++position, 0, (at, _) -> positions.add(at));
          ran++;
        }
        case 4 -> {
          if (!appended.isEmpty()) {
            steps.ready(appended.removeFirst().id, ++position, 0);
            ran++;
          }
        }
        default -> {
          if (!saves.isEmpty()) {
            calls++;
            steps.ready(saves.remove(random.nextInt(saves.size())), Delivery.NOT_KEPT, 0);
          }
        }
      }
    }
    for (Steps.Step step : appended) {
      steps.ready(step.id, ++position, 0);
      ran++;
    }
    for (Steps.Step step : saves) {
      steps.ready(step, Delivery.NOT_KEPT, 0);
      calls++;
    }

    assertThat(positions).as("seed %d", seed).isSorted().hasSize(ran).doesNotHaveDuplicates();
    assertThat(plain[0]).as("seed %d", seed).isEqualTo(calls);
  }
}
