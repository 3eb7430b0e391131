package dev.parley.stream;

import static dev.parley.stream.StoreFixture.at;
import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.forkOf;
import static dev.parley.stream.StoreFixture.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Change.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The change feed, and the listener that hears of it first. */
public interface FeedContract extends StoreFixture {
  @Test
  default void aStoreWithoutHistoryIsAtZero() {
    assertThat(store().lastChange()).isZero();
    assertThat(feed()).isEmpty();
  }

  @Test
  default void everyChangeIsNumbered() {
    long id = created(A, "1", "2").id();
    appended(A, "3");
    trim(A, 2);
    appended(A, new Append(payloads("4"), null, null, null, -1, true));
    long fork = created(B, new StreamSpec(null, -1, -1, false, at(A, 3), payloads("b4"))).id();
    appended(B, Append.closing());
    delete(B);
    long now = clock().millis();

    assertThat(feed())
        .containsExactly(
            new Change(1, Kind.CREATED, A, id, now, 1, 2),
            new Change(2, Kind.APPENDED, A, id, now, 3, 3),
            new Change(3, Kind.TRIMMED, A, id, now, 2, 1),
            new Change(4, Kind.CLOSED, A, id, now, 4, 4),
            new Change(5, Kind.CREATED, B, fork, now, 4, 4),
            new Change(6, Kind.CLOSED, B, fork, now, 5, 4),
            new Change(7, Kind.DELETED, B, fork, now, 5, 4));
    assertThat(store().lastChange()).isEqualTo(7);
  }

  @Test
  default void theFeedResumesFromACheckpoint() {
    created(A);
    for (int i = 0; i < 9; i++) {
      appended(A, "x");
    }
    List<Change> all = feed();
    List<Change> pieces = new ArrayList<>();
    while (pieces.size() < all.size()) {
      long checkpoint = pieces.isEmpty() ? 0 : pieces.getLast().sequence();
      pieces.addAll(await(store().changes(checkpoint, 3)));
    }

    assertThat(pieces).isEqualTo(all);
    assertThat(all)
        .extracting(Change::sequence)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 10).boxed().toList());
    assertThat(await(store().changes(10, 5))).isEmpty();
    assertThat(await(store().changes(999, 5))).isEmpty();
  }

  @Test
  default void whatChangesNothingIsNotInTheFeed() {
    created(A, "1");
    created(B, forkOf(at(A, -1)));
    long last = store().lastChange();

    create(A, StreamSpec.of(TEXT));
    create(A, StreamSpec.of("image/png"));
    tryAppend(A, new Append(payloads("x"), null, null, null, 9, false));
    tryAppend(C, StoreFixture.append("x"));
    delete(C);
    trim(A, 1);
    store().touch(A);
    messages(A);

    assertThat(store().lastChange()).isEqualTo(last);
  }

  @Test
  default void softDeletionIsOneChangeAndItsEndNone() {
    created(A, "1");
    created(B, forkOf(at(A, -1)));
    delete(A);
    delete(B);

    assertThat(feed())
        .extracting(change -> change.kind() + " " + change.path())
        .containsExactly("CREATED " + A, "CREATED " + B, "DELETED " + A, "DELETED " + B);
  }

  @Test
  default void theListenerHearsOfEveryChangeInOrderBeforeItsCaller() {
    List<Commit> heard = new CopyOnWriteArrayList<>();
    store().onCommit(heard::addAll);

    created(A, "1");
    assertThat(heard).hasSize(1);
    StreamInfo appended = appended(A, "2", "3").info();
    assertThat(heard).hasSize(2);
    assertThat(heard.getLast().info()).isEqualTo(appended);
    assertThat(heard.getLast().messages())
        .usingRecursiveComparison()
        .isEqualTo(slice(A, 1, 10, 10).messages());
    StreamInfo closed = appended(A, Append.closing()).info();
    assertThat(heard.getLast().info()).isEqualTo(closed);
    assertThat(heard.getLast().messages()).isEmpty();
    trim(A, 2);
    assertThat(heard.getLast().info()).isEqualTo(info(A));
    delete(A);
    assertThat(heard.getLast().info().deleted()).isTrue();

    assertThat(heard.stream().map(Commit::change)).isEqualTo(feed());
    assertThat(heard.getFirst().messages()).hasSize(1);
  }

  @Test
  default void theListenerHearsOfAForksOwnMessagesOnly() {
    created(A, "abc");
    List<Commit> heard = new CopyOnWriteArrayList<>();
    store().onCommit(heard::addAll);

    created(
        B,
        new StreamSpec(
            null, -1, -1, false, at(A, 0, 2, StreamSpec.Fork.Unit.BYTES), payloads("x")));

    assertThat(heard).hasSize(1);
    assertThat(StoreFixture.texts(heard.getFirst().messages())).containsExactly("ab", "x");
  }
}
