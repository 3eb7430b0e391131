package dev.parley.stream;

/** When an append is acknowledged. One write path serves all three; only the wait differs. */
public enum Durability {
  /** Acknowledged once ordered and readable; a crash may lose it, and no sync is ever asked for. */
  MEMORY,
  /**
   * Acknowledged once written; synced within the store's configured bound, which is the most a
   * power cut can lose.
   */
  ASYNC,
  /** Acknowledged after the sync of the commit group it belongs to. */
  SYNC
}
