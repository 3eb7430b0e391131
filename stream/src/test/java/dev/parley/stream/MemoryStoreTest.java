package dev.parley.stream;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class MemoryStoreTest extends StoreContract {
  @Override
  protected Store open(StreamPolicies policies, InstantSource clock) {
    return new MemoryStore(policies, clock);
  }

  @Test
  void closeFinishesWhatWasAccepted() {
    created(A);
    List<CompletableFuture<AppendResult>> results = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      results.add(store().append(A, append("x")));
    }

    store().close();

    assertThat(results)
        .allSatisfy(result ->
            assertThat(result)
                .isCompletedWithValueMatching(AppendResult.Appended.class::isInstance));
  }

  @Test
  void aFullMailboxRefusesTheNextCall() {
    CountDownLatch full = new CountDownLatch(1);
    store()
        .onCommit(commits -> {
          try {
            assertThat(full.await(30, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    CompletableFuture<CreateResult> blocked = store().create(A, StreamSpec.of(TEXT));
    List<CompletableFuture<?>> waiting = new ArrayList<>();
    while (waiting.isEmpty() || !waiting.getLast().isDone()) {
      waiting.add(store().head(A));
    }
    full.countDown();

    assertThat(waiting.removeLast())
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo(StoreException.Code.BUSY));
    waiting.forEach(StoreFixture::await);
    assertThat(await(blocked)).isInstanceOf(CreateResult.Created.class);
  }
}
