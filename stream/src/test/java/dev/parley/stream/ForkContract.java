package dev.parley.stream;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.at;
import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.forkOf;
import static dev.parley.stream.StoreFixture.living;
import static dev.parley.stream.StoreFixture.offsets;
import static dev.parley.stream.StoreFixture.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.StreamSpec.Fork.Unit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Forks: a shared past, lives of their own (Durable Streams §4.2). */
public interface ForkContract extends StoreFixture {
  @Test
  default void aForkSharesThePastAndNotTheFuture() {
    StreamInfo source = created(A, "1", "2", "3");

    StreamInfo fork = created(B, forkOf(at(A, 2)));
    appended(A, "a4");
    appended(B, "b3");

    assertThat(fork.epoch()).isEqualTo(source.epoch());
    assertThat(fork.id()).isNotEqualTo(source.id());
    assertThat(fork.tail()).isEqualTo(2);
    assertThat(fork.first()).isEqualTo(1);
    assertThat(fork.bytes()).isEqualTo(2);
    assertThat(fork.contentType()).isEqualTo(TEXT);
    assertThat(fork.fork()).isEqualTo(at(A, 2));
    assertThat(texts(A)).containsExactly("1", "2", "3", "a4");
    assertThat(texts(B)).containsExactly("1", "2", "b3");
    assertThat(offsets(messages(B))).containsExactly(1L, 2L, 3L);
    assertThat(messages(B)).extracting(Message::position).containsExactly(1L, 2L, 4L);
    assertThat(info(B).bytes()).isEqualTo(4);
  }

  @Test
  default void aForkBranchesOffAtTheTailUnlessToldOtherwise() {
    created(A, "1", "2");

    StreamInfo fork = created(B, forkOf(at(A, -1)));

    assertThat(fork.tail()).isEqualTo(2);
    assertThat(fork.fork()).isEqualTo(at(A, 2));
  }

  @Test
  default void aForkMayInheritNothing() {
    created(A, "1");
    created(B, forkOf(at(A, 0)));
    created(C, StreamSpec.of(TEXT));
    created(D, forkOf(at(C, -1)));

    assertThat(texts(B)).isEmpty();
    assertThat(appended(B, "b1").first()).isEqualTo(1);
    assertThat(texts(B)).containsExactly("b1");
    assertThat(texts(D)).isEmpty();
  }

  @Test
  default void aForkOfAClosedStreamIsOpen() {
    created(A, new StreamSpec(TEXT, -1, -1, true, null, payloads("1")));

    assertThat(created(B, forkOf(at(A, -1))).closed()).isFalse();
    appended(B, "2");
    appended(B, Append.closing());
    assertThat(texts(B)).containsExactly("1", "2");
  }

  @Test
  default void closingOneLeavesTheOtherOpen() {
    created(A, "1");
    created(B, forkOf(at(A, -1)));
    appended(B, Append.closing());

    appended(A, "2");
    assertThat(info(A).closed()).isFalse();
    assertThat(info(B).closed()).isTrue();
  }

  @Test
  default void aForkBringsItsFirstMessagesAlong() {
    created(A, "1", "2");

    StreamInfo fork = created(B, new StreamSpec(null, -1, -1, true, at(A, 1), payloads("x", "y")));

    assertThat(fork.closed()).isTrue();
    assertThat(texts(B)).containsExactly("1", "x", "y");
    assertThat(messages(B)).extracting(Message::startsAppend).containsExactly(true, true, false);
  }

  @Test
  default void aSubOffsetCountsMessagesOfTheNextAppend() {
    created(A, "1");
    appended(A, "2", "3", "4");
    appended(A, "5");

    created(B, forkOf(at(A, 1, 2, Unit.MESSAGES)));
    created(C, forkOf(at(A, 1, 3, Unit.MESSAGES)));

    assertThat(texts(B)).containsExactly("1", "2", "3");
    assertThat(texts(C)).containsExactly("1", "2", "3", "4");
    assertThat(create(D, forkOf(at(A, 1, 4, Unit.MESSAGES))))
        .isInstanceOf(CreateResult.BadForkPoint.class);
    assertThat(create(D, forkOf(at(A, 2, 3, Unit.MESSAGES))))
        .isInstanceOf(CreateResult.BadForkPoint.class);
    assertThat(appended(B, "b4").first()).isEqualTo(4);
    assertThat(texts(B)).containsExactly("1", "2", "3", "b4");
  }

  @Test
  default void aSubOffsetCutsAMessageInTwo() {
    created(A, "first");
    appended(A, "second");

    StreamInfo fork = created(B, forkOf(at(A, 1, 3, Unit.BYTES)));
    created(C, forkOf(at(A, 1, 6, Unit.BYTES)));
    appended(B, "!");

    assertThat(fork.tail()).isEqualTo(2);
    assertThat(fork.bytes()).isEqualTo(8);
    assertThat(texts(B)).containsExactly("first", "sec", "!");
    assertThat(offsets(messages(B))).containsExactly(1L, 2L, 3L);
    assertThat(messages(B)).extracting(Message::position).containsExactly(5L, 8L, 9L);
    assertThat(texts(C)).containsExactly("first", "second");
    assertThat(texts(A)).containsExactly("first", "second");
    assertThat(create(D, forkOf(at(A, 1, 7, Unit.BYTES))))
        .isInstanceOf(CreateResult.BadForkPoint.class);
  }

  @Test
  default void theCutMessageComesBeforeTheForksFirstMessages() {
    created(A, "hello");
    created(B, new StreamSpec(null, -1, -1, false, at(A, 0, 3, Unit.BYTES), payloads("X", "Y")));

    assertThat(texts(B)).containsExactly("hel", "X", "Y");
  }

  @Test
  default void subOffsetsComposeAlongAChain() {
    created(A, "abcdef");
    created(B, forkOf(at(A, 0, 4, Unit.BYTES)));
    created(C, forkOf(at(B, 0, 2, Unit.BYTES)));
    appended(C, "Z");

    assertThat(texts(B)).containsExactly("abcd");
    assertThat(texts(C)).containsExactly("ab", "Z");
  }

  @Test
  default void readsCrossAChainOfForks() {
    created(A, "a1", "a2");
    created(B, forkOf(at(A, -1)));
    appended(B, "b3", "b4");
    created(C, forkOf(at(B, 3)));
    appended(C, "c4");
    created(D, forkOf(at(C, -1)));
    appended(D, "d5");
    appended(A, "later");
    appended(B, "later");
    appended(C, "later");

    assertThat(texts(D)).containsExactly("a1", "a2", "b3", "c4", "d5");
    assertThat(StoreFixture.texts(slice(D, 1, 3, 1000).messages()))
        .containsExactly("a2", "b3", "c4");
    assertThat(StoreFixture.texts(slice(D, 4, 3, 1000).messages())).containsExactly("d5");
    assertThat(offsets(slice(D, 0, 9, 5).messages())).containsExactly(1L, 2L);
    assertThat(messages(D)).extracting(Message::position).containsExactly(2L, 4L, 6L, 8L, 10L);
    assertThat(info(D).epoch()).isEqualTo(info(A).epoch());
  }

  @Test
  default void aForkMayBranchOffInsideWhatItsSourceInherited() {
    created(A, "a1", "a2", "a3");
    created(B, forkOf(at(A, 3)));
    appended(B, "b4");
    created(C, forkOf(at(B, 1)));
    appended(C, "c2");

    assertThat(texts(C)).containsExactly("a1", "c2");
    assertThat(info(C).fork()).isEqualTo(at(B, 1));
  }

  @Test
  default void aForkNeedsAPointInItsSource() {
    created(A, "1");

    assertThat(create(B, forkOf(at(A, 2)))).isInstanceOf(CreateResult.BadForkPoint.class);
    assertThat(create(B, forkOf(at(A, -1, 1, Unit.MESSAGES))))
        .isInstanceOf(CreateResult.BadForkPoint.class);
    assertThat(create(B, forkOf(at(A, 1, 1, Unit.BYTES))))
        .isInstanceOf(CreateResult.BadForkPoint.class);
    assertThat(create(B, forkOf(at(C, -1)))).isEqualTo(new CreateResult.SourceMissing());
    assertThat(create(B, forkOf(at(B, -1)))).isEqualTo(new CreateResult.SourceMissing());
    assertThat(await(store().head(B))).isEmpty();
  }

  @Test
  default void aForkHasItsSourcesContentType() {
    created(A, "1");

    assertThat(create(B, new StreamSpec("image/png", -1, -1, false, at(A, -1), List.of())))
        .isEqualTo(new CreateResult.SourceContentType(TEXT));
    created(B, new StreamSpec("TEXT/PLAIN", -1, -1, false, at(A, -1), List.of()));
    // The refused fork left no reference behind.
    delete(B);
    assertThat(delete(A)).isEqualTo(DeleteResult.DELETED);
  }

  @Test
  default void forkingAgainAlikeFindsTheFork() {
    created(A, "1", "2");
    StreamInfo fork = created(B, forkOf(at(A, 1)));

    assertThat(create(B, forkOf(at(A, 1)))).isEqualTo(new CreateResult.Exists(fork));
    assertThat(create(B, forkOf(at(A, -1)))).isEqualTo(new CreateResult.Exists(fork));
    assertThat(create(B, forkOf(at(A, 2)))).isInstanceOf(CreateResult.Conflict.class);
    assertThat(create(B, forkOf(at(C, 1)))).isInstanceOf(CreateResult.Conflict.class);
    assertThat(create(B, StreamSpec.of(TEXT))).isInstanceOf(CreateResult.Conflict.class);
  }

  @Test
  default void forkingAgainComparesSubOffsets() {
    created(A, "hello");
    StreamInfo fork = created(B, forkOf(at(A, 0, 2, Unit.BYTES)));

    assertThat(create(B, forkOf(at(A, 0, 2, Unit.BYTES)))).isEqualTo(new CreateResult.Exists(fork));
    assertThat(create(B, forkOf(at(A, 0, 3, Unit.BYTES))))
        .isInstanceOf(CreateResult.Conflict.class);
    assertThat(create(B, forkOf(at(A, 0)))).isInstanceOf(CreateResult.Conflict.class);
  }

  @Test
  default void forkingAgainFindsTheForkThoughItsSourceHasMovedOnOrGone() {
    created(A, "1");
    created(B, forkOf(at(A, -1)));
    appended(A, "2");

    assertThat(create(B, forkOf(at(A, -1)))).isInstanceOf(CreateResult.Exists.class);
    delete(A);
    assertThat(create(B, forkOf(at(A, -1)))).isInstanceOf(CreateResult.Exists.class);
  }

  @Test
  default void aForkTakesItsSourcesExpiryUnlessItNamesOne() {
    long later = clock().millis() + 500_000;
    created(A, living(100, -1));
    created(B, living(-1, later));

    assertThat(expiry(created(StreamPath.of("f/1"), forkOf(at(A, -1))))).isEqualTo("100 -1");
    assertThat(expiry(created(StreamPath.of("f/2"), forkOf(at(B, -1))))).isEqualTo("-1 " + later);
    StreamSpec ttl = new StreamSpec(null, 7, -1, false, at(B, -1), List.of());
    assertThat(expiry(created(StreamPath.of("f/3"), ttl))).isEqualTo("7 -1");
    StreamSpec absolute = new StreamSpec(null, -1, later + 1, false, at(A, -1), List.of());
    assertThat(expiry(created(StreamPath.of("f/4"), absolute))).isEqualTo("-1 " + (later + 1));
    assertThat(create(StreamPath.of("f/1"), forkOf(at(A, -1))))
        .isInstanceOf(CreateResult.Exists.class);
  }

  @Test
  default void timeIsFoundInInheritedMessagesToo() {
    created(A, "1");
    clock().advance(Duration.ofSeconds(10));
    appended(A, "2");
    created(B, forkOf(at(A, 2)));
    clock().advance(Duration.ofSeconds(10));
    appended(B, "3");
    appended(A, "a3");

    assertThat(offsetAt(B, TestClock.START)).hasValue(1L);
    assertThat(offsetAt(B, TestClock.START.plusSeconds(15))).hasValue(2L);
    assertThat(offsetAt(B, TestClock.START.plusSeconds(20))).hasValue(3L);
    assertThat(info(B).lastTimestamp()).isEqualTo(clock().millis());
  }

  @Test
  default void aDeletedSourceStaysReadableThroughItsForks() {
    created(A, "1", "2");
    created(B, forkOf(at(A, 1)));

    assertThat(delete(A)).isEqualTo(DeleteResult.SOFT_DELETED);

    assertThat(texts(B)).containsExactly("1");
    appended(B, "b2");
    assertThat(texts(B)).containsExactly("1", "b2");
    assertThat(info(A).deleted()).isTrue();
    assertThat(unreadable(A)).isTrue();
    assertThat(offsetAt(A, clock().instant())).isEmpty();
    assertThat(trim(A, 2)).isFalse();
    assertThat(delete(A)).isEqualTo(DeleteResult.GONE);
    assertThat(tryAppend(A, append("x"))).isEqualTo(new AppendResult.Gone());
    assertThat(create(A, StreamSpec.of(TEXT))).isInstanceOf(CreateResult.Conflict.class);
    assertThat(create(C, forkOf(at(A, -1)))).isEqualTo(new CreateResult.SourceGone());
    assertThat(await(store().list("contract/", "", 10)))
        .extracting(StreamInfo::path)
        .containsExactly(B);
  }

  @Test
  default void theLastForkTakesItsDeletedSourceAlong() {
    created(A, "1");
    created(B, forkOf(at(A, -1)));
    created(C, forkOf(at(A, -1)));
    delete(A);

    assertThat(delete(B)).isEqualTo(DeleteResult.DELETED);
    assertThat(info(A).deleted()).isTrue();
    assertThat(delete(C)).isEqualTo(DeleteResult.DELETED);
    assertThat(await(store().head(A))).isEmpty();
    created(A, "new");
    assertThat(texts(A)).containsExactly("new");
  }

  @Test
  default void deletionCascadesUpTheChain() {
    created(A, "1");
    created(B, forkOf(at(A, -1)));
    appended(B, "2");
    created(C, forkOf(at(B, -1)));
    assertThat(delete(B)).isEqualTo(DeleteResult.SOFT_DELETED);
    assertThat(delete(A)).isEqualTo(DeleteResult.SOFT_DELETED);
    assertThat(texts(C)).containsExactly("1", "2");

    assertThat(delete(C)).isEqualTo(DeleteResult.DELETED);

    assertThat(await(store().head(B))).isEmpty();
    assertThat(await(store().head(A))).isEmpty();
  }

  @Test
  default void aSourceOutlivesItsForks() {
    created(A, "1");
    created(B, forkOf(at(A, -1)));
    delete(B);

    assertThat(texts(A)).containsExactly("1");
    assertThat(delete(A)).isEqualTo(DeleteResult.DELETED);
  }

  @Test
  default void aForkCreatedAgainStartsAfresh() {
    created(A, "1", "2");
    created(B, forkOf(at(A, 1)));
    appended(B, "b2", "b3");
    delete(B);

    created(B, forkOf(at(A, 2)));

    assertThat(texts(B)).containsExactly("1", "2");
  }

  private static String expiry(StreamInfo info) {
    return info.ttlSeconds() + " " + info.expiresAt();
  }
}
