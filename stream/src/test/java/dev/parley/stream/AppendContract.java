package dev.parley.stream;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.at;
import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.forkOf;
import static dev.parley.stream.StoreFixture.payloads;
import static dev.parley.stream.StoreFixture.stamped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an append does, and each way it is refused. */
public interface AppendContract extends StoreFixture {
  @Test
  default void offsetsAreContiguousFromOne() {
    created(A);

    AppendResult.Appended one = appended(A, "x");
    AppendResult.Appended two = appended(A, "y", "z");

    assertThat(one.first()).isEqualTo(1);
    assertThat(one.info().tail()).isEqualTo(1);
    assertThat(two.first()).isEqualTo(2);
    assertThat(two.info().tail()).isEqualTo(3);
    assertThat(two.info()).isEqualTo(info(A));
    assertThat(StoreFixture.offsets(messages(A))).containsExactly(1L, 2L, 3L);
    assertThat(messages(A)).extracting(Message::startsAppend).containsExactly(true, true, false);
  }

  @Test
  default void aMessageIsReadAsItWasWritten() {
    created(A);
    ProducerStamp stamp = new ProducerStamp("writer-ü", 3, 0);
    Payload payload =
        new Payload(new byte[] {0, -1, 10}, Map.of("trace", "1", "für", "日本"), "key/1");
    appended(A, new Append(List.of(payload), TEXT, stamp, null, -1, false));

    Message message = messages(A).getFirst();

    assertThat(message.bytes()).containsExactly(0, -1, 10);
    assertThat(message.headers()).isEqualTo(payload.headers());
    assertThat(message.payload().sealedUnder()).isEqualTo("key/1");
    assertThat(message.producer()).isEqualTo(stamp);
    assertThat(message.timestamp()).isEqualTo(clock().millis());
    assertThat(message.position()).isEqualTo(3);
  }

  @Test
  default void anEmptyMessageIsAMessage() {
    created(A);
    appended(A, "", "x", "");

    assertThat(texts(A)).containsExactly("", "x", "");
    assertThat(info(A).bytes()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  default void everyDurabilityIsReadableOnceAcknowledged(Durability durability) {
    Store store = open(StoreFixture.policy(durability, Retention.FOREVER));
    await(store.create(A, StreamSpec.of(TEXT)));
    await(store.append(A, append("x")));

    assertThat(await(store.read(A, 0, 10, 100)).orElseThrow().messages()).hasSize(1);
  }

  @Test
  default void timestampsNeverGoBackThoughTheClockDoes() {
    created(A);
    appended(A, "x");
    clock().advance(Duration.ofSeconds(-90));
    appended(A, "y");
    clock().advance(Duration.ofSeconds(91));
    appended(A, "z");

    long start = TestClock.START.toEpochMilli();
    assertThat(messages(A))
        .extracting(Message::timestamp)
        .containsExactly(start, start, start + 1000);
    assertThat(info(A).lastTimestamp()).isEqualTo(start + 1000);
  }

  @Test
  default void aClosedStreamTakesNoMore() {
    created(A);
    StreamInfo closed =
        appended(A, new Append(payloads("last"), null, null, null, -1, true)).info();

    assertThat(closed.closed()).isTrue();
    assertThat(tryAppend(A, append("late"))).isEqualTo(new AppendResult.Closed(closed));
    assertThat(tryAppend(A, new Append(payloads("late"), null, null, null, -1, true)))
        .isEqualTo(new AppendResult.Closed(closed));
    assertThat(texts(A)).containsExactly("last");
  }

  @Test
  default void closingAloneStoresNoMessage() {
    created(A, "x");

    AppendResult.Appended closed = appended(A, Append.closing());

    assertThat(closed.first()).isEqualTo(2);
    assertThat(closed.info().tail()).isEqualTo(1);
    assertThat(closed.info().closed()).isTrue();
    assertThat(texts(A)).containsExactly("x");
  }

  @Test
  default void closingAgainIsADuplicate() {
    created(A);
    StreamInfo closed = appended(A, Append.closing()).info();

    assertThat(tryAppend(A, Append.closing())).isEqualTo(new AppendResult.Duplicate(closed, -1));
    assertThat(feed()).hasSize(2);
  }

  @Test
  default void anotherContentTypeIsRefused() {
    created(A);

    assertThat(tryAppend(A, new Append(payloads("x"), "image/png", null, null, -1, false)))
        .isEqualTo(new AppendResult.WrongContentType(TEXT));
    appended(A, new Append(payloads("x"), "TEXT/plain;charset=x", null, null, -1, false));
  }

  @Test
  default void writerSequencesIncreaseBytewise() {
    created(A);
    appended(A, sequenced("9"));

    assertThat(tryAppend(A, sequenced("10"))).isEqualTo(new AppendResult.WriterSeqRegression("9"));
    assertThat(tryAppend(A, sequenced("9"))).isEqualTo(new AppendResult.WriterSeqRegression("9"));
    appended(A, sequenced("90"));
    appended(A, append("without one"));
    appended(A, sequenced("a"));
    appended(A, sequenced("\uE000"));
    appended(A, sequenced("\uD800\uDC00")); // above U+E000 in UTF-8, below in UTF-16
    assertThat(info(A).tail()).isEqualTo(6);
  }

  @Test
  default void anAppendThatBuildsOnAnotherTailIsRefused() {
    created(A, "x");

    assertThat(tryAppend(A, expecting(0, "y"))).isEqualTo(new AppendResult.TailMoved(1));
    assertThat(tryAppend(A, expecting(2, "y"))).isEqualTo(new AppendResult.TailMoved(1));
    assertThat(appended(A, expecting(1, "y")).first()).isEqualTo(2);
  }

  @Test
  default void whatIsRefusedLeavesNoTrace() {
    created(A, "x");
    StreamInfo before = info(A);
    long change = store().lastChange();
    ProducerStamp stamp = new ProducerStamp("p", 0, 0);

    assertThat(tryAppend(A, new Append(payloads("y"), null, stamp, "1", 7, true)))
        .isEqualTo(new AppendResult.TailMoved(1));

    assertThat(info(A)).isEqualTo(before);
    assertThat(store().lastChange()).isEqualTo(change);
    // Neither the producer's stamp nor the writer's sequence was taken.
    appended(A, new Append(payloads("y"), null, stamp, "0", 1, false));
  }

  @Test
  default void refusalsAreCheckedInTheirOrder() {
    created(A);
    ProducerStamp one = new ProducerStamp("p", 1, 0);
    appended(A, new Append(payloads("x"), TEXT, one, "5", 0, false));
    ProducerStamp stale = new ProducerStamp("p", 0, 0);
    ProducerStamp next = new ProducerStamp("p", 1, 1);

    assertThat(tryAppend(A, new Append(payloads("x"), "image/png", stale, "1", 9, false)))
        .isInstanceOf(AppendResult.WrongContentType.class);
    assertThat(tryAppend(A, new Append(payloads("x"), TEXT, stale, "1", 9, false)))
        .isInstanceOf(AppendResult.StaleEpoch.class);
    assertThat(tryAppend(A, new Append(payloads("x"), TEXT, one, "1", 9, false)))
        .isInstanceOf(AppendResult.Duplicate.class);
    assertThat(tryAppend(A, new Append(payloads("x"), TEXT, next, "1", 9, false)))
        .isInstanceOf(AppendResult.WriterSeqRegression.class);
    assertThat(tryAppend(A, new Append(payloads("x"), TEXT, next, "6", 9, false)))
        .isInstanceOf(AppendResult.TailMoved.class);

    appended(A, Append.closing());
    assertThat(tryAppend(A, new Append(payloads("x"), "image/png", stale, "1", 9, false)))
        .isInstanceOf(AppendResult.Closed.class);

    created(B, forkOf(at(A, -1)));
    delete(A);
    assertThat(tryAppend(A, new Append(payloads("x"), "image/png", stale, "1", 9, false)))
        .isEqualTo(new AppendResult.Gone());
  }

  @Test
  default void appendsOfOneThreadKeepTheirOrderWithoutWaiting() {
    created(A);
    List<CompletableFuture<AppendResult>> results =
        IntStream.range(0, 500).mapToObj(i -> store().append(A, append("m" + i))).toList();

    for (int i = 0; i < results.size(); i++) {
      assertThat(((AppendResult.Appended) await(results.get(i))).first()).isEqualTo(i + 1);
    }
    assertThat(texts(A).get(499)).isEqualTo("m499");
  }

  @Test
  default void anAppendWithoutMessagesOrCloseIsTheCallersMistake() {
    assertThat(catchThrowable(() -> new Append(List.of(), null, null, null, -1, false)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  default void aClosedStoreSaysSo() {
    created(A);
    store().close();

    assertThat(store().append(A, stamped(new ProducerStamp("p", 0, 0), "x")))
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(StoreException.Code.STOPPED));
    store().close();
  }

  private static Append sequenced(String writerSeq) {
    return new Append(payloads("x"), null, null, writerSeq, -1, false);
  }

  private static Append expecting(long tail, String text) {
    return new Append(payloads(text), null, null, null, tail, false);
  }
}
