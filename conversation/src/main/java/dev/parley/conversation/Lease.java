package dev.parley.conversation;

/**
 * Who generates a run, and until when nobody else may.
 *
 * @param owner one life of one process, so that a restarted one is somebody else
 * @param untilMillis since the Unix epoch, exclusive
 */
public record Lease(String owner, long untilMillis) {
  public Lease {
    Ids.foreign("lease owner", owner);
  }

  public boolean held(long nowMillis) {
    return nowMillis < untilMillis;
  }
}
