package dev.parley.server;

import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.budget.Ledger;
import dev.parley.stream.Durability;
import dev.parley.stream.PathPattern;
import dev.parley.stream.Retention;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.wire.durable.DurableStreams;
import dev.parley.wire.socketio.RecoveryConfig;
import dev.parley.wire.socketio.SocketIoServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Options of the streams of a path pattern; the first pattern that matches counts.
 *
 * @param pattern as in {@code chat/*}; {@code **} for all
 * @param durability when an append is acknowledged
 * @param retention how much of the past is kept
 * @param maxMessageBytes largest message
 * @param slowFollower what becomes of a follower that cannot keep up
 */
record StreamOptions(
    String pattern,
    Durability durability,
    Kept retention,
    int maxMessageBytes,
    StreamPolicy.SlowFollower slowFollower) {
  /** How much of the past is kept. */
  record Kept(@Nullable Duration maxAge, long maxCount, long maxBytes) {
    Kept {
      var _ = new Retention(maxAge, maxCount, maxBytes); // which checks
    }
  }

  private static final int MOST_LOGGED_BYTES = 16 << 20;
  private static final StreamPolicy LAST_STATE =
      new StreamPolicy(
          Durability.ASYNC,
          new Retention(null, 1, Long.MAX_VALUE),
          StreamPolicy.DEFAULT_MAX_MESSAGE_BYTES,
          StreamPolicy.SlowFollower.LOSSLESS);

  static StreamOptions defaults() {
    StreamPolicy policy = StreamPolicy.DEFAULT;
    Retention forever = policy.retention();
    return new StreamOptions(
        "**",
        policy.durability(),
        new Kept(forever.maxAge(), forever.maxCount(), forever.maxBytes()),
        policy.maxMessageBytes(),
        policy.slowFollower());
  }

  StreamOptions {
    if (pattern == null) {
      throw new IllegalArgumentException("pattern: none (expected: a path pattern as chat/*)");
    }
    var _ = PathPattern.of(pattern); // which checks
    if (durability == null) {
      throw new IllegalArgumentException("durability: none (expected: sync, async or memory)");
    }
    if (slowFollower == null) {
      throw new IllegalArgumentException(
          "slow-follower: none (expected: lossless, latest or disconnect)");
    }
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException(
          "max-message-bytes: " + maxMessageBytes + " (expected: >= 1)");
    }
  }

  /**
   * Written before it is sent, not synced: it outlives the process, and its use is over in minutes.
   */
  private static StreamPolicy log(RecoveryConfig recovery) {
    Retention kept =
        recovery.window().isZero()
            ? Retention.FOREVER
            : new Retention(recovery.window(), Long.MAX_VALUE, recovery.maxBytes());
    return new StreamPolicy(
        Durability.ASYNC, kept, MOST_LOGGED_BYTES, StreamPolicy.SlowFollower.LOSSLESS);
  }

  private StreamPolicy policy() {
    return new StreamPolicy(
        durability,
        new Retention(retention.maxAge(), retention.maxCount(), retention.maxBytes()),
        maxMessageBytes,
        slowFollower);
  }

  /**
   * What replies show is written before it is sent, not synced: it outlives the process, and its
   * text is in the conversation, synced, in the end.
   */
  private static final StreamPolicy RUNS =
      new StreamPolicy(
          Durability.ASYNC,
          Retention.FOREVER,
          StreamPolicy.DEFAULT_MAX_MESSAGE_BYTES,
          StreamPolicy.SlowFollower.LOSSLESS);

  /** Sums are made of two months of it; the rest is for who keeps the books. */
  private static final StreamPolicy USAGE =
      new StreamPolicy(
          Durability.SYNC,
          new Retention(Duration.ofDays(400), Long.MAX_VALUE, Long.MAX_VALUE),
          StreamPolicy.DEFAULT_MAX_MESSAGE_BYTES,
          StreamPolicy.SlowFollower.LOSSLESS);

  static StreamPolicies policies(List<StreamOptions> options, RecoveryConfig recovery) {
    Map<PathPattern, StreamPolicy> byPattern = new LinkedHashMap<>();
    byPattern.put(PathPattern.of(SocketIoServer.OWN_STREAMS + "/log/**"), log(recovery));
    byPattern.put(PathPattern.of(SocketIoServer.OWN_STREAMS + "/session/**"), LAST_STATE);
    // What the server itself keeps in streams is not for a pattern to forget.
    byPattern.put(PathPattern.of(DurableStreams.RESERVED + "/**"), StreamPolicy.DEFAULT);
    byPattern.put(PathPattern.of(ConversationPaths.RUNS + "**"), RUNS);
    byPattern.put(PathPattern.of(Ledger.PATH.value()), USAGE);
    for (StreamOptions option : options) {
      byPattern.putIfAbsent(PathPattern.of(option.pattern()), option.policy());
    }
    return new StreamPolicies(byPattern, StreamPolicy.DEFAULT);
  }
}
