package dev.parley.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What the parts of the store contract run on: a store, its clock, and shorthand for both. */
public interface StoreFixture {
  StreamPath A = StreamPath.of("contract/a");
  StreamPath B = StreamPath.of("contract/b");
  StreamPath C = StreamPath.of("contract/c");
  StreamPath D = StreamPath.of("contract/d");
  String TEXT = "text/plain";

  /** The store under test, opened empty on first use with {@link #policy}. */
  Store store();

  TestClock clock();

  /** Opens another empty store, closed after the test. */
  Store open(StreamPolicy policy);

  /** Lets work that the store does behind its callers' backs (retention) come to its end. */
  default void settle() {}

  /** Keeps everything, and syncs nothing. */
  static StreamPolicy policy() {
    return policy(Durability.MEMORY, Retention.FOREVER);
  }

  static StreamPolicy policy(Durability durability, Retention retention) {
    return new StreamPolicy(
        durability,
        retention,
        StreamPolicy.DEFAULT_MAX_MESSAGE_BYTES,
        StreamPolicy.SlowFollower.LOSSLESS);
  }

  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no result: " + e, e);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static Append append(String... texts) {
    return new Append(payloads(texts), null, null, null, -1, false);
  }

  static List<Payload> payloads(String... texts) {
    List<Payload> payloads = new ArrayList<>();
    for (String text : texts) {
      payloads.add(Payload.of(utf8(text)));
    }
    return payloads;
  }

  static Append stamped(ProducerStamp stamp, String... texts) {
    return new Append(payloads(texts), null, stamp, null, -1, false);
  }

  static StreamSpec.Fork at(StreamPath source, long offset) {
    return at(source, offset, 0, StreamSpec.Fork.Unit.MESSAGES);
  }

  static StreamSpec.Fork at(
      StreamPath source, long offset, long subOffset, StreamSpec.Fork.Unit unit) {
    return new StreamSpec.Fork(source, offset, subOffset, unit);
  }

  static StreamSpec forkOf(StreamSpec.Fork fork) {
    return new StreamSpec(null, -1, -1, false, fork, List.of());
  }

  static StreamSpec living(long ttlSeconds, long expiresAt) {
    return new StreamSpec(TEXT, ttlSeconds, expiresAt, false, null, List.of());
  }

  default StreamInfo created(StreamPath path, String... initial) {
    return created(path, new StreamSpec(TEXT, -1, -1, false, null, payloads(initial)));
  }

  default StreamInfo created(StreamPath path, StreamSpec spec) {
    CreateResult result = await(store().create(path, spec));
    assertThat(result).isInstanceOf(CreateResult.Created.class);
    return ((CreateResult.Created) result).info();
  }

  default CreateResult create(StreamPath path, StreamSpec spec) {
    return await(store().create(path, spec));
  }

  default AppendResult tryAppend(StreamPath path, Append append) {
    return await(store().append(path, append));
  }

  default AppendResult.Appended appended(StreamPath path, String... texts) {
    return appended(path, append(texts));
  }

  default AppendResult.Appended appended(StreamPath path, Append append) {
    AppendResult result = tryAppend(path, append);
    assertThat(result).isInstanceOf(AppendResult.Appended.class);
    return (AppendResult.Appended) result;
  }

  default StreamInfo info(StreamPath path) {
    return await(store().head(path)).orElseThrow();
  }

  default Slice slice(StreamPath path, long after, int maxMessages, int maxBytes) {
    return await(store().read(path, after, maxMessages, maxBytes)).orElseThrow();
  }

  default List<Message> messages(StreamPath path) {
    return slice(path, 0, 1_000_000, Integer.MAX_VALUE).messages();
  }

  default List<String> texts(StreamPath path) {
    return texts(messages(path));
  }

  static List<String> texts(List<Message> messages) {
    return messages.stream().map(m -> new String(m.bytes(), StandardCharsets.UTF_8)).toList();
  }

  static List<Long> offsets(List<Message> messages) {
    return messages.stream().map(Message::offset).toList();
  }

  default boolean unreadable(StreamPath path) {
    return await(store().read(path, 0, 1, 1)).isEmpty();
  }

  default DeleteResult delete(StreamPath path) {
    return await(store().delete(path));
  }

  default boolean trim(StreamPath path, long first) {
    return await(store().trim(path, first));
  }

  default Optional<Long> offsetAt(StreamPath path, Instant time) {
    return await(store().offsetAt(path, time));
  }

  default List<Change> feed() {
    return await(store().changes(0, Integer.MAX_VALUE));
  }
}
