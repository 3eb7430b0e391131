package dev.parley.backend.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Change;
import dev.parley.stream.Message;
import dev.parley.stream.StreamPath;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills writers during load and looks at what is left; {@code parley.crash.rounds} for more. */
@Timeout(value = 60, unit = TimeUnit.MINUTES) // the long run
final class CrashTest {
  @TempDir Path folder;

  @Test
  void everyAcknowledgedMessageIsThereOnceAndInOrderAfterAKill() throws Exception {
    int rounds = Integer.getInteger("parley.crash.rounds", 5);
    long seed = Long.getLong("parley.seed", System.nanoTime());
    System.out.println("seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    Map<String, Long> acknowledged = new HashMap<>();
    long messages = 0;
    for (int round = 0; round < rounds; round++) {
      try (CrashWriter.Child child = CrashWriter.start(folder, random.nextLong())) {
        child.awaitAcknowledged(1 + random.nextInt(3000));
        for (String line : child.kill()) {
          int seq = line.lastIndexOf(' ');
          acknowledged.merge(
              line.substring("ok ".length(), seq),
              Long.parseLong(line.substring(seq + 1)),
              Math::max);
        }
      }
      messages = verify(acknowledged);
    }
    System.out.println(rounds + " kills, " + messages + " messages, none lost, none doubled");
  }

  private long verify(Map<String, Long> acknowledged) {
    List<StreamPath> paths = new ArrayList<>(List.of(CrashWriter.SHARED));
    for (int producer = 0; producer < CrashWriter.PRODUCERS; producer++) {
      paths.add(CrashWriter.own(producer));
    }
    long count = 0;
    try (RocksStore store = CrashWriter.open(folder)) {
      for (StreamPath path : paths) {
        if (store.head(path).join().isEmpty()) {
          assertThat(acknowledged.keySet()).noneMatch(key -> key.startsWith(path + " "));
          continue;
        }
        List<Message> messages =
            store
                .read(path, 0, Integer.MAX_VALUE, Integer.MAX_VALUE)
                .join()
                .orElseThrow()
                .messages();
        Map<String, Long> next = new HashMap<>();
        for (Message message : messages) {
          String text = CrashWriter.text(message);
          String producer = CrashWriter.producerOf(text);
          assertThat(CrashWriter.seqOf(text)).isEqualTo(next.getOrDefault(producer, 0L));
          next.merge(producer, 1L, Long::sum);
        }
        acknowledged.forEach((key, seq) -> {
          if (key.startsWith(path + " ")) {
            String producer = key.substring(key.indexOf(' ') + 1);
            assertThat(next.getOrDefault(producer, 0L)).as(key).isGreaterThan(seq);
          }
        });
        count += messages.size();
      }
      long last = store.lastChange();
      assertThat(store.changes(0, Integer.MAX_VALUE).join())
          .extracting(Change::sequence)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, last).boxed().toList());
    }
    return count;
  }
}
