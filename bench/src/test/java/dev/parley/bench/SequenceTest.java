package dev.parley.bench;

import static dev.parley.bench.Sequence.Arrival.AFTER_A_LATER_ONE;
import static dev.parley.bench.Sequence.Arrival.AGAIN;
import static dev.parley.bench.Sequence.Arrival.IN_ORDER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SequenceTest {
  @Test
  void tellsLateMessagesFromRepeatedOnes() {
    Sequence sequence = new Sequence();

    assertThat(IntStream.of(1, 4, 2, 4, 2, 5).mapToObj(sequence::add))
        .containsExactly(IN_ORDER, IN_ORDER, AFTER_A_LATER_ONE, AGAIN, AGAIN, IN_ORDER);
  }
}
