package dev.parley.hub;

import dev.parley.stream.StreamInfo;
import java.util.concurrent.Executor;

/**
 * Someone who follows a stream. Every method runs on {@link #loop()}, so a follower needs no locks;
 * followers on one loop share one hand-over per batch.
 */
public interface Follower {
  /**
   * The single thread this follower lives on; followers of one event loop return the same object.
   */
  Executor loop();

  /**
   * Takes messages that follow, without gap or repeat, what it has seen.
   *
   * @return whether it can take more at once; {@code false} takes it off the live path until {@link
   *     Subscription#resume()}
   */
  boolean onDelivery(Delivery delivery);

  /**
   * It has seen everything up to {@code info.tail()}; called once after each catch-up, before going
   * live.
   */
  void onCaughtUp(StreamInfo info);

  /** {@code latest} policy: {@code count} messages were passed over. */
  default void onSkipped(long count) {}

  /** Nothing follows any more. */
  void onEnd(End end);

  /** Why a subscription ended. */
  enum End {
    /** The stream is closed, and every message was delivered. */
    CLOSED,
    /** The stream was deleted, or has expired, or never was, or never got as far as asked for. */
    DELETED,
    /** The position lies before the oldest message kept. */
    TRIMMED,
    /** It was too slow for a stream whose policy is {@code disconnect}. */
    TOO_SLOW,
    /** The store failed; come back. */
    FAILED,
    /** The server is going away; come back. */
    DRAINING
  }
}
