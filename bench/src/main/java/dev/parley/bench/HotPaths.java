package dev.parley.bench;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Durability;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.RecordCodec;
import dev.parley.stream.Retention;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import dev.parley.transport.SharedFrame;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What every message passes: the record codec on its way in and out of the store, a store's command
 * path, and the frame that all followers of a loop share.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HotPaths {
  private static final StreamPath PATH = StreamPath.of("bench/hot");

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
  private MemoryStore store = new MemoryStore();

  /** An iteration's messages are forgotten with its store. */
  @Setup(Level.Iteration)
  public void emptyStore() {
    store.close();
    StreamPolicy standard = StreamPolicy.DEFAULT;
    store =
        new MemoryStore(
            StreamPolicies.uniform(
                new StreamPolicy(
                    Durability.MEMORY,
                    new Retention(null, 1_000, Long.MAX_VALUE),
                    standard.maxMessageBytes(),
                    standard.slowFollower())),
            InstantSource.system());
    var _ = store.create(PATH, StreamSpec.of("text/plain")).join();
  }

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

  /** There and back between two threads, without a disk. */
  @Benchmark
  public AppendResult appendInMemory() {
    return store.append(PATH, Append.of(plain.bytes())).join();
  }

  @Benchmark
  public int frameForMany() {
    SharedFrame frame = SharedFrame.of(Unpooled.wrappedBuffer(plain.bytes()));
    int size = frame.chunk().readableBytes();
    frame.release();
    return size;
  }
}
