package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Change;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.RecentCommits.Appended;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered of the time before clients come back. */
final class RecentCommitsTest {
  private final RecentCommits recent = new RecentCommits();

  @Test
  void appendsOfAStreamComeInTheOrderOfTheFeedEachOnce() {
    // The past is read while new ones arrive, and both may bring the same.
    recent.add(change(7, Change.Kind.APPENDED, "a", 3));
    recent.add(change(5, Change.Kind.APPENDED, "a", 1));
    recent.add(change(6, Change.Kind.APPENDED, "b", 1));
    recent.add(change(7, Change.Kind.APPENDED, "a", 3));

    assertThat(recent.of("a")).containsExactly(new Appended(5, 1, 2), new Appended(7, 3, 4));
    assertThat(recent.of("b")).containsExactly(new Appended(6, 1, 2));
    assertThat(recent.of("c")).isEmpty();
  }

  @Test
  void whatIsNoAppendIsNotRemembered() {
    recent.add(change(1, Change.Kind.CREATED, "a", 1));
    recent.add(change(2, Change.Kind.CLOSED, "a", 1));

    assertThat(recent.of("a")).isEmpty();
  }

  @Test
  void manyAppendsOfAStreamAreAllThere() {
    List<Appended> expected = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      recent.add(change(i + 1, Change.Kind.APPENDED, "a", 2L * i + 1));
      expected.add(new Appended(i + 1, 2L * i + 1, 2L * i + 2));
    }

    assertThat(recent.of("a")).isEqualTo(expected);
  }

  @Test
  void moreThanItKeepsIsSaidToBeMissing() {
    for (int i = 0; i < 500_000; i++) {
      recent.add(change(i + 1, Change.Kind.APPENDED, "s" + i % 1000, i + 1));
    }
    assertThat(recent.isComplete()).isTrue();

    recent.add(change(500_001, Change.Kind.APPENDED, "a", 1));

    assertThat(recent.isComplete()).isFalse();
    assertThat(recent.of("s1")).isEmpty();
  }

  /** Of two messages. */
  private static Change change(long sequence, Change.Kind kind, String path, long first) {
    return new Change(sequence, kind, StreamPath.of(path), 1, 0, first, first + 1);
  }
}
