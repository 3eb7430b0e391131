package dev.parley.stream;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.at;
import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.forkOf;
import static dev.parley.stream.StoreFixture.living;
import static dev.parley.stream.StoreFixture.payloads;
import static dev.parley.stream.StoreFixture.policy;
import static dev.parley.stream.StoreFixture.stamped;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a store promises on top when its data outlives it. */
public abstract class PersistentStoreContract extends StoreContract {
  private static final StreamPolicies SYNC =
      StreamPolicies.uniform(policy(Durability.SYNC, Retention.FOREVER));

  /** Closes {@code store} and opens another on its data. */
  protected abstract Store restart(Store store, StreamPolicies policies, InstantSource clock);

  /**
   * Opens another store on the data as it would be found if the process of {@code store} had been
   * killed now, without an orderly close before it. {@code store} is not used again.
   */
  protected abstract Store crash(Store store, StreamPolicies policies, InstantSource clock);

  @Test
  void aRestartKeepsStreamsAndMessages() {
    created(A, "1");
    ProducerStamp stamp = new ProducerStamp("p", 2, 0);
    Payload sealed = new Payload(new byte[] {1, 2}, Map.of("h", "v"), "key");
    appended(A, new Append(List.of(sealed), null, stamp, null, -1, false));
    appended(A, new Append(payloads("3", "4"), null, null, null, -1, true));
    created(B, living(77, -1));
    created(C, forkOf(at(A, 1, 1, StreamSpec.Fork.Unit.BYTES)));
    appended(C, "c3");
    List<StreamInfo> infos = await(store().list("", "", 10));
    List<Message> messages = messages(A);
    List<Message> forked = messages(C);

    restart();

    assertThat(await(store().list("", "", 10))).isEqualTo(infos).hasSize(3);
    assertThat(messages(A)).usingRecursiveComparison().isEqualTo(messages);
    assertThat(messages(C)).usingRecursiveComparison().isEqualTo(forked);
    assertThat(info(A).closed()).isTrue();
    assertThat(appended(C, "c4").first()).isEqualTo(4);
  }

  @Test
  void aRestartKeepsWriters() {
    created(A);
    appended(A, new Append(payloads("x"), null, new ProducerStamp("p", 3, 0), "m", -1, false));
    appended(A, stamped(new ProducerStamp("p", 3, 1), "y"));
    Append closing = new Append(List.of(), null, new ProducerStamp("q", 0, 0), null, -1, true);
    created(B);
    appended(B, closing);

    restart();

    assertThat(tryAppend(A, stamped(new ProducerStamp("p", 3, 1), "y")))
        .isEqualTo(new AppendResult.Duplicate(info(A), 1));
    assertThat(tryAppend(A, stamped(new ProducerStamp("p", 2, 0), "y")))
        .isEqualTo(new AppendResult.StaleEpoch(3));
    assertThat(tryAppend(A, new Append(payloads("z"), null, null, "l", -1, false)))
        .isEqualTo(new AppendResult.WriterSeqRegression("m"));
    assertThat(tryAppend(B, closing)).isEqualTo(new AppendResult.Duplicate(info(B), 0));
    appended(A, stamped(new ProducerStamp("p", 3, 2), "z"));
  }

  @Test
  void aRestartKeepsTheFeed() {
    created(A, "1");
    appended(A, "2");
    created(B);
    delete(B);
    List<Change> before = feed();

    restart();

    assertThat(feed()).isEqualTo(before);
    assertThat(store().lastChange()).isEqualTo(4);
    List<Commit> heard = new CopyOnWriteArrayList<>();
    store().onCommit(heard::addAll);
    appended(A, "3");
    assertThat(heard.getLast().change().sequence()).isEqualTo(5);
    assertThat(await(store().changes(4, 10))).hasSize(1);
  }

  @Test
  void noIdOrEpochIsUsedTwice() {
    created(A);
    StreamInfo gone = created(B);
    delete(B);

    restart();

    StreamInfo fresh = created(B);
    assertThat(fresh.id()).isNotIn(gone.id(), info(A).id());
    assertThat(fresh.epoch()).isNotIn(gone.epoch(), info(A).epoch());
  }

  @Test
  void aRestartKeepsTimesToLive() {
    created(A, living(60, -1));
    created(B, living(-1, clock().millis() + 60_000));
    created(C, living(60, -1));
    clock().advance(Duration.ofSeconds(50));
    appended(C, "x");

    restart();

    assertThat(await(store().head(A))).isPresent();
    assertThat(info(C).ttlSeconds()).isEqualTo(60);
    clock().advance(Duration.ofSeconds(10));
    assertThat(await(store().head(A))).isEmpty();
    assertThat(await(store().head(B))).isEmpty();
    assertThat(texts(C)).containsExactly("x");
  }

  @Test
  void whatExpiredDuringTheStopIsGone() {
    created(A, living(60, -1));
    store().close();
    clock().advance(Duration.ofSeconds(61));

    restart();

    assertThat(await(store().head(A))).isEmpty();
    assertThat(await(store().list("", "", 10))).isEmpty();
  }

  @Test
  void aRestartKeepsTrimAndSoftDeletion() {
    created(A, "1", "2", "3");
    created(B, forkOf(at(A, 2)));
    trim(A, 3);
    created(C, "c");
    created(D, forkOf(at(C, -1)));
    delete(C);

    restart();

    assertThat(texts(A)).containsExactly("3");
    assertThat(info(A).bytes()).isEqualTo(1);
    assertThat(texts(B)).containsExactly("1", "2");
    assertThat(info(C).deleted()).isTrue();
    assertThat(texts(D)).containsExactly("c");
    delete(D);
    assertThat(await(store().head(C))).isEmpty();
  }

  @Test
  void timeIsFoundAfterARestart() {
    created(A);
    for (int i = 0; i < 200; i++) {
      appended(A, "x");
      clock().advance(Duration.ofSeconds(1));
    }

    restart();

    assertThat(offsetAt(A, TestClock.START.plusSeconds(123))).hasValue(124L);
    clock().advance(Duration.ofHours(-1));
    assertThat(appended(A, "y").info().lastTimestamp())
        .isEqualTo(TestClock.START.plusSeconds(199).toEpochMilli());
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void closeFinishesWhatWasAccepted(Durability durability) {
    StreamPolicies policies = StreamPolicies.uniform(policy(durability, Retention.FOREVER));
    use(policies);
    created(A);
    List<CompletableFuture<AppendResult>> results =
        IntStream.range(0, 500).mapToObj(i -> store().append(A, append("m" + i))).toList();

    succeed(restart(store(), policies, clock()));

    assertThat(results)
        .allSatisfy(result -> assertThat(await(result)).isInstanceOf(AppendResult.Appended.class));
    assertThat(info(A).tail()).isEqualTo(500);
  }

  @Test
  void aCrashLosesNothingThatWasAcknowledgedAsSynced() {
    use(SYNC);
    created(A);
    ProducerStamp stamp = new ProducerStamp("p", 0, 0);
    StreamInfo before = appended(A, stamped(stamp, "1", "2")).info();

    succeed(crash(store(), SYNC, clock()));

    assertThat(info(A)).isEqualTo(before);
    assertThat(texts(A)).containsExactly("1", "2");
    assertThat(tryAppend(A, stamped(stamp, "1", "2")))
        .isEqualTo(new AppendResult.Duplicate(before, 0));
    assertThat(store().lastChange()).isEqualTo(2);
    assertThat(appended(A, "3").first()).isEqualTo(3);
  }

  @Test
  void aCrashInTheMiddleOfWritingLeavesWholeAppends() {
    use(SYNC);
    created(A);
    List<CompletableFuture<AppendResult>> results =
        IntStream.range(0, 200)
            .mapToObj(
                i -> store().append(A, stamped(new ProducerStamp("p", 0, i), "a" + i, "b" + i)))
            .toList();
    await(results.get(50));

    succeed(crash(store(), SYNC, clock()));

    List<String> texts = texts(A);
    assertThat(texts.size()).isGreaterThanOrEqualTo(102).isEven();
    assertThat(feed()).hasSize(1 + texts.size() / 2);
    for (int i = 0; i < 200; i++) {
      tryAppend(A, stamped(new ProducerStamp("p", 0, i), "a" + i, "b" + i));
    }
    assertThat(texts(A))
        .isEqualTo(
            IntStream.range(0, 200)
                .boxed()
                .flatMap(i -> List.of("a" + i, "b" + i).stream())
                .toList());
  }

  private void restart() {
    succeed(restart(store(), StreamPolicies.uniform(policy()), clock()));
  }
}
