package dev.parley.telemetry;

/** A part of a message's way through the node whose latency is kept. */
public enum Stage {
  /** From a whole request to its call on the hub. */
  DECODE("decode"),
  /** From the hub's call on the store to the acknowledged commit. */
  COMMIT("commit"),
  /** From the commit to the owning shard. */
  SHARD("shard"),
  /** From the commit to the followers of one event loop. */
  FAN_OUT("fanOut"),
  /** From the write to the socket having taken the bytes. */
  FLUSH("flush");

  private final String label;

  Stage(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
