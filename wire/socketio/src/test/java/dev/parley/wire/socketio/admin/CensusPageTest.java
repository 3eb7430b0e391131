package dev.parley.wire.socketio.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.admin.Census.Page;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CensusPageTest {
  @Test
  void thePagesOfAListHoldEachOnceAndInOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<Integer> all = new ArrayList<>(IntStream.range(0, random.nextInt(50)).boxed().toList());
      List<Integer> inOrder = List.copyOf(all);
      Collections.shuffle(all, random);
      int limit = 1 + random.nextInt(12);
      List<Integer> seen = new ArrayList<>();
      @Nullable Integer from = null;
      do {
        Page<Integer> page =
            Census.page(all, Comparator.naturalOrder(), from, limit, String::valueOf);
        assertThat(page.total()).isEqualTo(all.size());
        assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
        seen.addAll(page.items());
        from = page.next() == null ? null : Integer.valueOf(page.next());
      } while (from != null);
      assertThat(seen).as("seed %d, round %d", seed, round).isEqualTo(inOrder);
    }
  }
}
