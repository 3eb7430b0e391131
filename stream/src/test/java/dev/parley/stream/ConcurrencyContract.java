package dev.parley.stream;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.at;
import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.forkOf;
import static dev.parley.stream.StoreFixture.offsets;
import static dev.parley.stream.StoreFixture.payloads;
import static dev.parley.stream.StoreFixture.stamped;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Many threads at once. */
public interface ConcurrencyContract extends StoreFixture {
  int THREADS = 8;
  int ROUNDS = 50;

  @Test
  default void manyThreadsShareAStream() throws Exception {
    created(A);
    Map<Long, String> acknowledged = new ConcurrentHashMap<>();

    together(thread -> {
      for (int i = 0; i < ROUNDS; i++) {
        AppendResult.Appended done = appended(A, thread + ":" + i, "+");
        acknowledged.put(done.first(), thread + ":" + i);
      }
      return thread;
    });

    List<Message> messages = messages(A);
    assertThat(offsets(messages))
        .isEqualTo(LongStream.rangeClosed(1, 2L * THREADS * ROUNDS).boxed().toList());
    List<String> texts = StoreFixture.texts(messages);
    for (int i = 0; i < texts.size(); i += 2) {
      assertThat(texts.get(i)).isEqualTo(acknowledged.get(i + 1L));
      assertThat(texts.get(i + 1)).as("a batch stays together").isEqualTo("+");
    }
    for (int thread = 0; thread < THREADS; thread++) {
      String prefix = thread + ":";
      assertThat(texts.stream().filter(text -> text.startsWith(prefix)))
          .containsExactlyElementsOf(IntStream.range(0, ROUNDS).mapToObj(i -> prefix + i).toList());
    }
  }

  @Test
  default void manyThreadsWriteManyStreamsAndTheFeedHasNoGap() throws Exception {
    List<Commit> heard = new CopyOnWriteArrayList<>();
    store().onCommit(heard::addAll);
    List<Change> followed = new ArrayList<>();
    int expected = THREADS * (ROUNDS + 1);

    together(thread -> {
      StreamPath path = StreamPath.of("many/" + thread);
      created(path);
      for (int i = 0; i < ROUNDS; i++) {
        appended(path, thread + ":" + i);
        if (thread == 0) {
          followed.addAll(await(store().changes(followed.size(), 1000)));
        }
      }
      return thread;
    });
    followed.addAll(await(store().changes(followed.size(), expected)));

    assertThat(followed)
        .extracting(Change::sequence)
        .isEqualTo(LongStream.rangeClosed(1, expected).boxed().toList());
    assertThat(heard.stream().map(Commit::change)).isEqualTo(followed);
    assertThat(store().lastChange()).isEqualTo(expected);
    for (int thread = 0; thread < THREADS; thread++) {
      assertThat(info(StreamPath.of("many/" + thread)).tail()).isEqualTo(ROUNDS);
    }
  }

  @Test
  default void concurrentRetriesAreStoredOnce() throws Exception {
    created(A);
    for (int seq = 0; seq < 10; seq++) {
      ProducerStamp stamp = new ProducerStamp("p", 0, seq);
      List<AppendResult> results = together(thread -> tryAppend(A, stamped(stamp, "x", "y")));

      assertThat(results.stream().filter(AppendResult.Appended.class::isInstance)).hasSize(1);
      assertThat(results.stream().filter(AppendResult.Duplicate.class::isInstance))
          .hasSize(THREADS - 1);
    }
    assertThat(info(A).tail()).isEqualTo(20);
  }

  @Test
  default void ofThoseWhoBuildOnOneTailExactlyOneWins() throws Exception {
    created(A);
    for (long tail = 0; tail < 10; tail++) {
      Append append = new Append(payloads("x"), null, null, null, tail, false);
      List<AppendResult> results = together(thread -> tryAppend(A, append));

      assertThat(results.stream().filter(AppendResult.Appended.class::isInstance)).hasSize(1);
      assertThat(results.stream().filter(new AppendResult.TailMoved(tail + 1)::equals))
          .hasSize(THREADS - 1);
    }
  }

  @Test
  default void ofThoseWhoCreateExactlyOneDoes() throws Exception {
    for (int i = 0; i < 10; i++) {
      StreamPath path = StreamPath.of("race/" + i);
      List<CreateResult> results = together(thread -> create(path, StreamSpec.of(TEXT)));

      assertThat(results.stream().filter(CreateResult.Created.class::isInstance)).hasSize(1);
      assertThat(results.stream().filter(CreateResult.Exists.class::isInstance))
          .hasSize(THREADS - 1);
    }
  }

  @Test
  default void nothingIsStoredAfterTheClose() throws Exception {
    created(A);

    List<AppendResult> results =
        together(thread ->
            tryAppend(
                A,
                thread == 0
                    ? new Append(payloads("last"), null, null, null, -1, true)
                    : append("x")));

    long stored = results.stream().filter(AppendResult.Appended.class::isInstance).count();
    assertThat(info(A).tail()).isEqualTo(stored);
    assertThat(texts(A)).endsWith("last");
  }

  @Test
  default void readersSeeOnlyWholeAppendsInOrder() throws Exception {
    created(A);
    together(thread -> {
      if (thread < 2) {
        for (int i = 0; i < ROUNDS; i++) {
          appended(A, "1", "2", "3");
        }
        return thread;
      }
      long after = 0;
      while (after < 2L * ROUNDS * 3) {
        Slice slice = slice(A, after, 1000, Integer.MAX_VALUE);
        for (Message message : slice.messages()) {
          assertThat(message.offset()).isEqualTo(++after);
        }
        assertThat(slice.info().tail() % 3).isZero();
        assertThat(after % 3).isZero();
      }
      return thread;
    });
  }

  @Test
  default void forksAndDeletionsRaceWithoutLoss() throws Exception {
    created(A, "1", "2");

    List<CreateResult> forks =
        together(thread -> {
          StreamPath path = StreamPath.of("fork/" + thread);
          if (thread == THREADS - 1) {
            delete(A);
          }
          return create(path, forkOf(at(A, -1)));
        });

    for (int thread = 0; thread < THREADS; thread++) {
      if (forks.get(thread) instanceof CreateResult.Created) {
        assertThat(texts(StreamPath.of("fork/" + thread))).containsExactly("1", "2");
        delete(StreamPath.of("fork/" + thread));
      } else {
        assertThat(forks.get(thread))
            .isIn(new CreateResult.SourceGone(), new CreateResult.SourceMissing());
      }
    }
    assertThat(await(store().head(A))).isEmpty();
  }

  /** One task of {@link #together}. */
  interface Racer<T> {
    T run(int thread) throws Exception;
  }

  private static <T> List<T> together(Racer<T> racer) throws Exception {
    CyclicBarrier start = new CyclicBarrier(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<T>> futures = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        Callable<T> task =
            () -> {
              start.await(30, TimeUnit.SECONDS);
              return racer.run(thread);
            };
        futures.add(threads.submit(task));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(60, TimeUnit.SECONDS));
      }
      return results;
    }
  }
}
