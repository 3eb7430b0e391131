package dev.parley.bench;

import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The record codec: every message passes it once on its way in, and once more for each read from
 * the store.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HotPaths {
  private final Message plain =
      new Message(
          42,
          1_700_000_000_000L,
          true,
          5_000,
          null,
          Payload.of("x".repeat(118).getBytes(StandardCharsets.UTF_8)));
  private final Message stamped =
      new Message(
          42,
          1_700_000_000_000L,
          true,
          5_000,
          new ProducerStamp("producer-1", 3, 77),
          plain.payload());
  private final byte[] stored = RecordCodec.encode(plain);

  @Benchmark
  public byte[] encodePlain() {
    return RecordCodec.encode(plain);
  }

  @Benchmark
  public byte[] encodeStamped() {
    return RecordCodec.encode(stamped);
  }

  @Benchmark
  public Message decodePlain() {
    return RecordCodec.decode(42, stored);
  }
}
