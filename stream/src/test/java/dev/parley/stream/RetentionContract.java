package dev.parley.stream;

import static dev.parley.stream.StoreFixture.at;
import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.forkOf;
import static dev.parley.stream.StoreFixture.living;
import static dev.parley.stream.StoreFixture.offsets;
import static dev.parley.stream.StoreFixture.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How the past ends: trim, retention, time to live, expiry. */
public interface RetentionContract extends StoreFixture {
  @Test
  default void trimDropsWhatIsBefore() {
    created(A, "1", "22", "333");

    assertThat(trim(A, 3)).isTrue();

    assertThat(info(A).first()).isEqualTo(3);
    assertThat(info(A).tail()).isEqualTo(3);
    assertThat(info(A).bytes()).isEqualTo(3);
    assertThat(offsets(messages(A))).containsExactly(3L);
    assertThat(messages(A)).extracting(Message::position).containsExactly(6L);
    assertThat(offsets(slice(A, 1, 10, 10).messages())).containsExactly(3L);
  }

  @Test
  default void trimMayDropEverythingAndOffsetsGoOn() {
    created(A, "1", "2");

    assertThat(trim(A, 99)).isTrue();

    assertThat(info(A).first()).isEqualTo(3);
    assertThat(info(A).bytes()).isZero();
    Slice slice = slice(A, 0, 10, 10);
    assertThat(slice.messages()).isEmpty();
    assertThat(slice.upToDate()).isTrue();
    assertThat(offsetAt(A, clock().instant())).hasValue(0L);
    assertThat(appended(A, "3").first()).isEqualTo(3);
    assertThat(messages(A)).extracting(Message::position).containsExactly(3L);
  }

  @Test
  default void trimmingWhatIsGoneChangesNothing() {
    created(A, "1", "2", "3");
    trim(A, 3);
    long change = store().lastChange();

    assertThat(trim(A, 2)).isTrue();
    assertThat(trim(A, 3)).isTrue();
    assertThat(trim(A, 0)).isTrue();

    assertThat(info(A).first()).isEqualTo(3);
    assertThat(store().lastChange()).isEqualTo(change);
  }

  @Test
  default void aClosedStreamCanBeTrimmed() {
    created(A, new StreamSpec(TEXT, -1, -1, true, null, payloads("1", "2")));

    assertThat(trim(A, 2)).isTrue();
    assertThat(texts(A)).containsExactly("2");
  }

  @Test
  default void whatAForkInheritsSurvivesTheTrim() {
    created(A, "1", "2", "3");
    created(B, forkOf(at(A, 2)));
    created(C, forkOf(at(B, 1)));
    trim(A, 4);

    assertThat(texts(A)).isEmpty();
    assertThat(texts(B)).containsExactly("1", "2");
    assertThat(texts(C)).containsExactly("1");
    trim(B, 2);
    appended(B, "b3");
    assertThat(texts(B)).containsExactly("2", "b3");
    assertThat(info(B).bytes()).isEqualTo(3);
    assertThat(texts(C)).containsExactly("1");
    delete(C);
    assertThat(texts(B)).containsExactly("2", "b3");
  }

  @Test
  default void aForkInheritsNoTrimmedPast() {
    created(A, "1", "2", "3");
    trim(A, 3);

    assertThat(create(B, forkOf(at(A, 1)))).isInstanceOf(CreateResult.BadForkPoint.class);
    StreamInfo atTheEdge = created(B, forkOf(at(A, 2)));
    assertThat(atTheEdge.first()).isEqualTo(3);
    assertThat(atTheEdge.tail()).isEqualTo(2);
    assertThat(atTheEdge.bytes()).isZero();
    appended(B, "b3");
    assertThat(messages(B)).extracting(Message::position).containsExactly(4L);
    created(C, forkOf(at(A, 3)));
    assertThat(texts(C)).containsExactly("3");
    assertThat(info(C).first()).isEqualTo(3);
  }

  @Test
  default void retentionKeepsTheNewestByCount() {
    use(new Retention(null, 2, Long.MAX_VALUE));
    created(A, "1");
    appended(A, "2");
    appended(A, "3", "4");
    appended(A, "5");
    settle();

    assertThat(texts(A)).containsExactly("4", "5");
    assertThat(info(A).first()).isEqualTo(4);
    assertThat(info(A).bytes()).isEqualTo(2);
  }

  @Test
  default void retentionKeepsTheNewestByBytes() {
    use(new Retention(null, Long.MAX_VALUE, 5));
    created(A, "1");
    appended(A, "22");
    appended(A, "33");
    settle();
    assertThat(texts(A)).containsExactly("1", "22", "33");

    appended(A, "4");
    settle();
    assertThat(texts(A)).containsExactly("22", "33", "4");

    appended(A, "larger than all");
    settle();
    assertThat(texts(A)).containsExactly("larger than all");
  }

  @Test
  default void retentionDropsTheOldByAge() {
    use(new Retention(Duration.ofMinutes(10), Long.MAX_VALUE, Long.MAX_VALUE));
    created(A, "1");
    clock().advance(Duration.ofMinutes(8));
    appended(A, "2");
    clock().advance(Duration.ofMinutes(3));
    appended(A, "3");
    settle();

    assertThat(texts(A)).containsExactly("2", "3");
    assertThat(info(A).first()).isEqualTo(2);
  }

  @Test
  default void retentionLeavesNoEntryInTheFeed() {
    use(new Retention(null, 1, Long.MAX_VALUE));
    created(A, "1");
    appended(A, "2");
    settle();

    assertThat(feed())
        .extracting(Change::kind)
        .containsExactly(Change.Kind.CREATED, Change.Kind.APPENDED);
  }

  @Test
  default void whatAForkInheritsSurvivesTheRetentionOfItsSource() {
    Retention one = new Retention(null, 1, Long.MAX_VALUE);
    use(
        new StreamPolicies(
            Map.of(PathPattern.of(A.value()), StoreFixture.policy(Durability.MEMORY, one)),
            StoreFixture.policy()));
    created(A, "1");
    created(B, forkOf(at(A, 1)));
    appended(A, "2");
    appended(A, "3");
    settle();

    assertThat(texts(A)).containsExactly("3");
    assertThat(texts(B)).containsExactly("1");
  }

  @Test
  default void aTimeToLiveEndsWithoutUse() {
    created(A, living(60, -1));
    clock().advance(Duration.ofSeconds(59));
    assertThat(await(store().head(A))).isPresent();

    clock().advance(Duration.ofSeconds(1));

    assertMissing(A);
  }

  @Test
  default void appendsAndTouchesRestartATimeToLive() {
    created(A, living(60, -1));
    clock().advance(Duration.ofSeconds(50));
    appended(A, "x");
    clock().advance(Duration.ofSeconds(50));
    store().touch(A);
    assertThat(await(store().head(A))).isPresent();
    clock().advance(Duration.ofSeconds(50));
    assertThat(await(store().head(A))).isPresent();
    clock().advance(Duration.ofSeconds(10));

    assertMissing(A);
  }

  @Test
  default void looksDoNotRestartATimeToLive() {
    created(A, living(60, -1));
    clock().advance(Duration.ofSeconds(50));
    await(store().head(A));
    slice(A, 0, 1, 1);
    await(store().list("", "", 10));
    clock().advance(Duration.ofSeconds(10));

    assertMissing(A);
  }

  @Test
  default void anExpiryStandsWhateverHappens() {
    created(A, living(-1, clock().millis() + 60_000));
    clock().advance(Duration.ofSeconds(50));
    appended(A, "x");
    store().touch(A);
    assertThat(texts(A)).containsExactly("x");
    clock().advance(Duration.ofSeconds(10));

    assertMissing(A);
  }

  @Test
  default void touchingAMissingStreamDoesNothing() {
    store().touch(A);

    assertMissing(A);
  }

  @Test
  default void anExpiredStreamMakesRoomForANewOne() {
    StreamInfo old = created(A, living(1, -1));
    appended(A, "old");
    clock().advance(Duration.ofSeconds(5));

    StreamInfo fresh = created(A, "new");

    assertThat(fresh.epoch()).isNotEqualTo(old.epoch());
    assertThat(texts(A)).containsExactly("new");
  }

  @Test
  default void anExpiredSourceStaysReadableThroughItsForks() {
    created(A, living(10, -1));
    appended(A, "1");
    created(B, new StreamSpec(null, 1000, -1, false, at(A, -1), List.of()));
    clock().advance(Duration.ofSeconds(20));

    assertThat(texts(B)).containsExactly("1");
    assertThat(unreadable(A)).isTrue();
    assertThat(info(A).deleted()).isTrue();
    assertThat(create(A, living(10, -1))).isInstanceOf(CreateResult.Conflict.class);
    assertThat(create(C, forkOf(at(A, -1)))).isEqualTo(new CreateResult.SourceGone());
    delete(B);
    assertThat(await(store().head(A))).isEmpty();
  }

  @Test
  default void anExpiredForkTakesItsDeletedSourceAlong() {
    created(A, "1");
    created(B, new StreamSpec(null, 10, -1, false, at(A, -1), List.of()));
    delete(A);
    clock().advance(Duration.ofSeconds(20));

    assertThat(await(store().head(B))).isEmpty();
    settle();
    assertThat(await(store().head(A))).isEmpty();
  }

  @Test
  default void anExpiredStreamIsDeletedInTheFeed() {
    created(A, living(10, -1));
    clock().advance(Duration.ofSeconds(20));
    await(store().head(A));
    settle();

    assertThat(feed())
        .extracting(Change::kind)
        .containsExactly(Change.Kind.CREATED, Change.Kind.DELETED);
  }

  /** Opens the store under test with a retention. */
  default void use(Retention retention) {
    use(StreamPolicies.uniform(StoreFixture.policy(Durability.MEMORY, retention)));
  }

  /** Opens the store under test with these policies. */
  void use(StreamPolicies policies);

  private void assertMissing(StreamPath path) {
    assertThat(await(store().head(path))).isEmpty();
    assertThat(unreadable(path)).isTrue();
    assertThat(offsetAt(path, clock().instant())).isEmpty();
    assertThat(tryAppend(path, StoreFixture.append("x"))).isEqualTo(new AppendResult.Missing());
    assertThat(trim(path, 2)).isFalse();
    assertThat(await(store().list(path.value(), "", 10))).isEmpty();
    assertThat(delete(path)).isEqualTo(DeleteResult.MISSING);
  }
}
