package dev.parley.telemetry;

/** Everything a node counts, with the name and the sentence operators read. */
public enum Counter {
  REQUESTS("parley_requests", "", "HTTP requests received."),
  REQUESTS_FAILED("parley_requests_failed", "", "HTTP requests answered with a 5xx status."),
  REQUESTS_REFUSED(
      "parley_requests_refused",
      "",
      "Requests turned away by access control: token, right, Host or Origin."),
  COMMITS("parley_commits", "", "Changes committed by the store."),
  COMMIT_GROUPS("parley_commit_groups", "", "Groups the store committed together."),
  MESSAGES_IN("parley_messages_in", "", "Messages committed."),
  BYTES_IN("parley_payload_in_bytes", "bytes", "Payload bytes committed."),
  MESSAGES_OUT("parley_messages_out", "", "Messages delivered to followers, each counted."),
  BYTES_OUT("parley_payload_out_bytes", "bytes", "Payload bytes delivered to followers."),
  FOLLOWERS_SLOWED(
      "parley_followers_slowed", "", "Times a follower left the live path because it was slow."),
  FOLLOWERS_LOST("parley_followers_lost", "", "Followers disconnected because they were too slow.");

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
