package dev.parley.conversation.limit;

/** Hears how a ticket fares, on the executor it was asked with. */
public interface Waiting {
  /**
   * So many will have started when it does, itself included, if nobody else comes and each gets a
   * slot in turn. Reported when it changes; places passed in between are left out.
   */
  void onPosition(int position);

  /** It may start. Called once, and nothing after it. */
  void onGranted();
}
