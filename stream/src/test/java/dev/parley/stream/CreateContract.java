package dev.parley.stream;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.living;
import static dev.parley.stream.StoreFixture.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How streams come to be, are told apart and listed. Forks have a part of their own. */
public interface CreateContract extends StoreFixture {
  @Test
  default void aNewStreamIsEmptyAndOpen() {
    StreamInfo info = created(A);

    assertThat(info)
        .isEqualTo(
            new StreamInfo(
                A,
                info.id(),
                info.epoch(),
                TEXT,
                0,
                1,
                0,
                clock().millis(),
                clock().millis(),
                -1,
                -1,
                false,
                false,
                null))
        .isEqualTo(info(A));
    assertThat(slice(A, 0, 1, 1)).isEqualTo(new Slice(info, 0, List.of()));
  }

  @Test
  default void firstMessagesComeWithTheStream() {
    StreamInfo info = created(A, "x", "yz");

    assertThat(info.tail()).isEqualTo(2);
    assertThat(info.bytes()).isEqualTo(3);
    assertThat(texts(A)).containsExactly("x", "yz");
    assertThat(messages(A)).extracting(Message::startsAppend).containsExactly(true, false);
    assertThat(messages(A)).extracting(Message::position).containsExactly(1L, 3L);
  }

  @Test
  default void aStreamMayBeBornClosed() {
    StreamInfo info =
        created(A, new StreamSpec(TEXT, -1, -1, true, null, payloads("all there is")));

    assertThat(info.closed()).isTrue();
    assertThat(texts(A)).containsExactly("all there is");
    assertThat(tryAppend(A, append("more"))).isEqualTo(new AppendResult.Closed(info));
  }

  @Test
  default void creatingAgainAlikeFindsItAndAddsNothing() {
    StreamInfo info = created(A, "x");

    CreateResult again =
        create(A, new StreamSpec("Text/Plain; charset=utf-8", -1, -1, false, null, payloads("y")));

    assertThat(again).isEqualTo(new CreateResult.Exists(info));
    assertThat(texts(A)).containsExactly("x");
  }

  @Test
  default void creatingAgainDifferentlyIsAConflict() {
    created(A, living(60, -1));

    assertThat(
            List.of(
                create(A, new StreamSpec("application/json", 60, -1, false, null, List.of())),
                create(A, living(61, -1)),
                create(A, living(-1, -1)),
                create(A, living(-1, clock().millis() + 60_000)),
                create(A, new StreamSpec(TEXT, 60, -1, true, null, List.of())),
                create(A, new StreamSpec(TEXT, 60, -1, false, StoreFixture.at(B, 0), List.of()))))
        .allSatisfy(result -> assertThat(result).isInstanceOf(CreateResult.Conflict.class));
    assertThat(create(A, living(60, -1))).isInstanceOf(CreateResult.Exists.class);
  }

  @Test
  default void closureIsComparedWithThePresentState() {
    created(A);
    appended(A, Append.closing());

    assertThat(create(A, StreamSpec.of(TEXT))).isInstanceOf(CreateResult.Conflict.class);
    assertThat(create(A, new StreamSpec(TEXT, -1, -1, true, null, List.of())))
        .isEqualTo(new CreateResult.Exists(info(A)));
  }

  @Test
  default void aStreamCreatedAgainAfterDeletionIsAnotherOne() {
    StreamInfo before = created(A, "old");
    delete(A);

    StreamInfo after = created(A, "new");

    assertThat(after.id()).isNotEqualTo(before.id());
    assertThat(after.epoch()).isNotEqualTo(before.epoch());
    assertThat(texts(A)).containsExactly("new");
    assertThat(messages(A)).extracting(Message::offset).containsExactly(1L);
  }

  @Test
  default void idsDiffer() {
    assertThat(created(A).id()).isNotEqualTo(created(B).id());
    assertThat(info(A).epoch()).isNotEqualTo(info(B).epoch());
  }

  @Test
  default void aMissingStreamIsEmptyEverywhere() {
    assertThat(await(store().head(A))).isEmpty();
    assertThat(unreadable(A)).isTrue();
    assertThat(offsetAt(A, clock().instant())).isEmpty();
    assertThat(trim(A, 2)).isFalse();
    assertThat(delete(A)).isEqualTo(DeleteResult.MISSING);
    assertThat(tryAppend(A, append("x"))).isEqualTo(new AppendResult.Missing());
  }

  @Test
  default void streamsAreListedPageByPageInPathOrder() {
    List<String> paths =
        List.of("a", "a/b", "a/b/c", "a0", "b/1", "b/10", "b/2", "b/\uE000", "b/\uD800\uDC00");
    paths.reversed().forEach(path -> created(StreamPath.of(path)));

    assertThat(paths(await(store().list("", "", 100)))).isEqualTo(paths);
    assertThat(paths(await(store().list("", "a/b", 3)))).containsExactly("a/b/c", "a0", "b/1");
    assertThat(paths(await(store().list("b/", "", 2)))).containsExactly("b/1", "b/10");
    assertThat(paths(await(store().list("b/", "b/10", 10))))
        .containsExactly("b/2", "b/\uE000", "b/\uD800\uDC00");
    assertThat(paths(await(store().list("b/", "a", 1)))).containsExactly("b/1");
    assertThat(paths(await(store().list("a/", "b", 10)))).isEmpty();
    assertThat(paths(await(store().list("a", "aa", 10)))).isEmpty();
    assertThat(paths(await(store().list("nothing", "", 10)))).isEmpty();
  }

  @Test
  default void aListHasTheStateOfEachStream() {
    created(A, "x");
    appended(A, "y");

    assertThat(await(store().list("contract/", "", 10))).containsExactly(info(A));
  }

  @Test
  default void aListShowsWhatWasJustCreatedAndNotWhatWasJustDeleted() {
    IntStream.range(0, 20).forEach(i -> created(StreamPath.of("l/" + (10 + i))));
    delete(StreamPath.of("l/15"));

    assertThat(await(store().list("l/", "", 100)))
        .hasSize(19)
        .noneMatch(info -> info.path().value().equals("l/15"));
  }

  private static List<String> paths(List<StreamInfo> infos) {
    return infos.stream().map(info -> info.path().value()).toList();
  }
}
