package dev.parley.stream;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.at;
import static dev.parley.stream.StoreFixture.forkOf;
import static dev.parley.stream.StoreFixture.payloads;
import static dev.parley.stream.StoreFixture.stamped;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Idempotent producers (Durable Streams §5.2.1). */
public interface ProducerContract extends StoreFixture {
  @Test
  default void aRetryIsStoredOnce() {
    created(A);
    appended(A, stamped(p(0, 0), "x", "y"));
    StreamInfo after = appended(A, stamped(p(0, 1), "z")).info();

    assertThat(tryAppend(A, stamped(p(0, 1), "z"))).isEqualTo(new AppendResult.Duplicate(after, 1));
    assertThat(tryAppend(A, stamped(p(0, 0), "x", "y")))
        .isEqualTo(new AppendResult.Duplicate(after, 1));
    assertThat(texts(A)).containsExactly("x", "y", "z");
  }

  @Test
  default void aProducersFirstAppendHasSequenceZeroInAnyEpoch() {
    created(A);

    assertThat(tryAppend(A, stamped(p(0, 1), "x"))).isEqualTo(new AppendResult.SequenceGap(0, 1));
    assertThat(tryAppend(A, stamped(p(7, 2), "x"))).isEqualTo(new AppendResult.SequenceGap(0, 2));
    appended(A, stamped(p(7, 0), "x"));
  }

  @Test
  default void aGapIsRefused() {
    created(A);
    appended(A, stamped(p(0, 0), "x"));

    assertThat(tryAppend(A, stamped(p(0, 2), "z"))).isEqualTo(new AppendResult.SequenceGap(1, 2));
    appended(A, stamped(p(0, 1), "y"));
    appended(A, stamped(p(0, 2), "z"));
  }

  @Test
  default void aNewEpochFencesTheOldOne() {
    created(A);
    appended(A, stamped(p(0, 0), "x"));

    assertThat(tryAppend(A, stamped(p(2, 1), "y"))).isEqualTo(new AppendResult.EpochNotAtZero(1));
    appended(A, stamped(p(2, 0), "y"));
    assertThat(tryAppend(A, stamped(p(0, 1), "zombie"))).isEqualTo(new AppendResult.StaleEpoch(2));
    assertThat(tryAppend(A, stamped(p(1, 0), "zombie"))).isEqualTo(new AppendResult.StaleEpoch(2));
    assertThat(texts(A)).containsExactly("x", "y");
  }

  @Test
  default void producersDoNotMeet() {
    created(A);
    created(B);

    appended(A, stamped(p(5, 0), "x"));
    appended(A, stamped(new ProducerStamp("other", 0, 0), "y"));
    appended(B, stamped(p(0, 0), "z"));
    appended(A, append("nobody"));
    appended(A, stamped(p(5, 1), "x"));
  }

  @Test
  default void repeatingTheAppendThatClosedIsADuplicate() {
    created(A);
    appended(A, stamped(p(0, 0), "x"));
    Append closing = new Append(payloads("last"), null, p(0, 1), null, -1, true);
    StreamInfo closed = appended(A, closing).info();

    assertThat(tryAppend(A, closing)).isEqualTo(new AppendResult.Duplicate(closed, 1));
    assertThat(tryAppend(A, stamped(p(0, 0), "x"))).isEqualTo(new AppendResult.Closed(closed));
    assertThat(tryAppend(A, stamped(p(0, 2), "x"))).isEqualTo(new AppendResult.Closed(closed));
    assertThat(tryAppend(A, new Append(List.of(), null, p(0, 2), null, -1, true)))
        .isEqualTo(new AppendResult.Closed(closed));
    assertThat(texts(A)).containsExactly("x", "last");
  }

  @Test
  default void closingAloneTakesAStampToo() {
    created(A);
    Append closing = new Append(List.of(), null, p(0, 0), null, -1, true);
    StreamInfo closed = appended(A, closing).info();

    assertThat(tryAppend(A, closing)).isEqualTo(new AppendResult.Duplicate(closed, 0));
    assertThat(tryAppend(A, Append.closing())).isEqualTo(new AppendResult.Duplicate(closed, -1));
  }

  @Test
  default void aForkKnowsNothingOfItsSourcesWriters() {
    created(A);
    appended(A, new Append(payloads("x", "y"), null, p(4, 0), "m", -1, false));
    created(B, forkOf(at(A, 0, 1, StreamSpec.Fork.Unit.MESSAGES)));

    appended(B, new Append(payloads("z"), null, p(0, 0), "a", -1, false));

    assertThat(texts(B)).containsExactly("x", "z");
    assertThat(tryAppend(A, stamped(p(0, 0), "zombie"))).isEqualTo(new AppendResult.StaleEpoch(4));
  }

  @Test
  default void aStreamCreatedAgainKnowsNoOldProducers() {
    created(A);
    appended(A, stamped(p(9, 0), "x"));
    delete(A);
    created(A);

    appended(A, stamped(p(0, 0), "y"));
  }

  private static ProducerStamp p(long epoch, long seq) {
    return new ProducerStamp("p", epoch, seq);
  }
}
