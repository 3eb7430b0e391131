package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class DueListTest {
  private static final class Entry extends Due {
    final int order;

    Entry(int order) {
      this.order = order;
    }
  }

  @Property
  void theEarliestComesFirstAndEqualOnesInTheirOrder(
      @ForAll @Size(max = 40) List<@IntRange(min = -9, max = 9) Integer> times,
      @ForAll @Size(max = 40) List<Boolean> removed) {
    DueList list = new DueList();
    List<Entry> left = new ArrayList<>();
    for (int i = 0; i < times.size(); i++) {
      Entry entry = new Entry(i);
      list.add(entry, times.get(i));
      left.add(entry);
      if (i < removed.size() && removed.get(i)) {
        list.remove(left.remove(left.size() / 2));
      }
    }
    List<Entry> drained = new ArrayList<>();
    while (list.due(Integer.MAX_VALUE) instanceof Entry entry) {
      assertThat(entry.list).isSameAs(list);
      list.remove(entry);
      drained.add(entry);
    }
    left.sort(Comparator.comparingLong((Entry e) -> e.dueNanos).thenComparingInt(e -> e.order));
    assertThat(drained).isEqualTo(left);
    assertThat(drained.stream().map(e -> e.list).collect(Collectors.toSet()))
        .allMatch(owner -> owner == null);
  }

  @Property
  void nothingIsDueBeforeItsTimeAlsoWhereTheClockWrapsAround(
      @ForAll long time, @ForAll @IntRange(min = 1, max = 1000) int wait) {
    DueList list = new DueList();
    Entry entry = new Entry(0);
    list.add(entry, time + wait);
    assertThat(list.due(time)).isNull();
    assertThat(list.due(time + wait - 1)).isNull();
    assertThat(list.due(time + wait)).isSameAs(entry);
  }
}
