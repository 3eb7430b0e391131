package dev.parley.telemetry;

/** Everything a node counts, with the name and the sentence operators read. */
public enum Counter {
  REQUESTS("parley_requests", "", "HTTP requests received."),
  REQUESTS_REFUSED(
      "parley_requests_refused",
      "",
      "Requests turned away by access control: token, Host or Origin."),
  REQUESTS_REJECTED(
      "parley_requests_rejected", "", "Requests that were malformed, too large or too slow."),
  CONNECTIONS_REFUSED(
      "parley_connections_refused", "", "Connections turned away because of a limit."),
  BYTES_RECEIVED("parley_received_bytes", "bytes", "Bytes read from sockets."),
  BYTES_SENT("parley_sent_bytes", "bytes", "Bytes handed to sockets."),
  COMMITS("parley_commits", "", "Changes committed by the store."),
  COMMIT_GROUPS("parley_commit_groups", "", "Groups of changes the store committed together."),
  MESSAGES_IN("parley_messages_in", "", "Messages committed."),
  BYTES_IN("parley_payload_in_bytes", "bytes", "Payload bytes committed."),
  MESSAGES_OUT("parley_messages_out", "", "Messages delivered, counted once per follower."),
  CATCH_UPS("parley_catch_ups", "", "Times a follower began to catch up."),
  OVERRUNS("parley_overruns", "", "Commit groups a full shard refused, made good from the store.");

  private final String family;
  private final String unit;
  private final String help;

  Counter(String family, String unit, String help) {
    this.family = family;
    this.unit = unit;
    this.help = help;
  }

  /** The metric's name without the {@code _total} of its sample. */
  public String family() {
    return family;
  }

  /** The unit the name ends with, or empty. */
  public String unit() {
    return unit;
  }

  public String help() {
    return help;
  }
}
