package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 in the middle of load: what was acknowledged is there once, in order, after every
 * restart.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES) // the long run
class KillTest {
  private static final int PRODUCERS = 8;

  @TempDir Path data;

  @Test
  void everyAcknowledgedMessageIsThereOnceAndInOrderAfterEachKill() throws Exception {
    int rounds = Boolean.getBoolean("parley.long") ? 200 : 8;
    long seed = Long.getLong("parley.seed", System.nanoTime());
    Random random = new Random(seed);
    System.getLogger("kill").log(System.Logger.Level.INFO, "seed {0}", Long.toString(seed));
    int port = ServerProcess.freePort();
    ServerProcess server = ServerProcess.start(data, port);
    AtomicBoolean stop = new AtomicBoolean();
    List<Producer> producers = new ArrayList<>();
    try {
      for (int i = 0; i < PRODUCERS; i++) {
        producers.add(
            new Producer(
                URI.create("http://127.0.0.1:" + port + "/v1/stream/kill/" + i),
                "producer-" + i,
                stop));
      }
      for (Producer producer : producers) {
        producer.create();
        producer.thread.start();
      }
      for (int round = 1; round <= rounds; round++) {
        TimeUnit.MILLISECONDS.sleep(
            100 + random.nextInt(400)); // load goes on for a while, then the power is cut
        long[] acknowledged = producers.stream().mapToLong(p -> p.acknowledged).toArray();
        server.kill();
        server = ServerProcess.start(data, port);
        for (int i = 0; i < PRODUCERS; i++) {
          producers.get(i).verify(acknowledged[i], round, seed);
        }
        if (round % 20 == 0) {
          System.getLogger("kill")
              .log(System.Logger.Level.INFO, "{0} of {1} rounds", round, rounds);
        }
      }
      stop.set(true);
      long total = 0;
      for (Producer producer : producers) {
        producer.thread.join(30_000);
        assertThat(producer.failure).as("seed " + seed).isNull();
        producer.verify(producer.acknowledged, rounds, seed);
        total += producer.acknowledged;
      }
      System.getLogger("kill")
          .log(System.Logger.Level.INFO, "{0} rounds, {1} acknowledged messages", rounds, total);
      assertThat(total).isGreaterThan(rounds);
      assertThat(server.stop()).isZero();
    } finally {
      stop.set(true);
      server.close();
    }
  }

  /** Writes 0, 1, 2, … under a producer stamp, and repeats each until it is acknowledged. */
  private static final class Producer {
    private final URI stream;
    private final String id;
    private final AtomicBoolean stop;
    private final HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final Thread thread;
    private volatile long acknowledged;
    private volatile @Nullable Throwable failure;

    Producer(URI stream, String id, AtomicBoolean stop) {
      this.stream = stream;
      this.id = id;
      this.stop = stop;
      thread = Thread.ofVirtual().unstarted(this::run);
    }

    void create() throws IOException, InterruptedException {
      HttpResponse<String> created =
          client.send(
              HttpRequest.newBuilder(stream)
                  .header("content-type", "text/plain")
                  .PUT(HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    }

    private void run() {
      try {
        while (!stop.get()) {
          append(acknowledged);
        }
      } catch (Throwable e) {
        failure = e;
      }
    }

    private void append(long number) throws InterruptedException {
      HttpRequest request =
          HttpRequest.newBuilder(stream)
              .timeout(Duration.ofSeconds(5))
              .header("content-type", "text/plain")
              .header("producer-id", id)
              .header("producer-epoch", "0")
              .header("producer-seq", Long.toString(number))
              .POST(HttpRequest.BodyPublishers.ofString(number + "\n"))
              .build();
      while (true) {
        try {
          HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
          if (answer.statusCode() == 200 || answer.statusCode() == 204) {
            acknowledged = number + 1;
            return;
          }
          if (answer.statusCode() != 503) {
            throw new AssertionError(
                "append " + number + ": " + answer.statusCode() + " " + answer.body());
          }
        } catch (IOException dead) {
          // The server is gone, and whether it stored this is unknown: that is what the stamp is
          // for.
        }
        TimeUnit.MILLISECONDS.sleep(5); // between retries, as any client would
      }
    }

    /** Reads it all: 0, 1, 2, … without gap or repeat, and at least what was acknowledged. */
    void verify(long atLeast, int round, long seed) throws IOException, InterruptedException {
      StringBuilder all = new StringBuilder();
      String offset = "-1";
      while (true) {
        HttpResponse<String> page =
            client.send(
                HttpRequest.newBuilder(URI.create(stream + "?offset=" + offset)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(200);
        all.append(page.body());
        offset = page.headers().firstValue("stream-next-offset").orElseThrow();
        if (page.headers().firstValue("stream-up-to-date").isPresent()) {
          break;
        }
      }
      long[] numbers =
          Arrays.stream(all.toString().split("\n"))
              .filter(s -> !s.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      for (int i = 0; i < numbers.length; i++) {
        assertThat(numbers[i]).as("%s, round %d, seed %d", stream, round, seed).isEqualTo(i);
      }
      assertThat((long) numbers.length)
          .as("%s, round %d, seed %d", stream, round, seed)
          .isGreaterThanOrEqualTo(atLeast);
    }
  }
}
