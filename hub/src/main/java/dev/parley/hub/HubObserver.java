package dev.parley.hub;

/**
 * Hears how long the stages of a delivery take; beside the flow, never in it. Called on shard and
 * loop threads, once per batch, with no clock read of its own; must not block.
 */
public interface HubObserver {
  HubObserver NONE = new HubObserver() {};

  /**
   * A shard took up commits, on its thread.
   *
   * @param waitedNanos since the store's commit thread handed them over
   * @param messages how many they brought
   */
  default void onShardBatch(long waitedNanos, int messages) {}

  /**
   * An event loop passed a batch to its last follower, on that loop.
   *
   * @param nanos since the shard handed it over
   * @param followers how many took a delivery
   */
  default void onFanOut(long nanos, int followers) {}
}
