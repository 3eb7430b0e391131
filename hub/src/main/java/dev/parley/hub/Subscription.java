package dev.parley.hub;

/** A follower's position in one stream. Methods may be called on any thread. */
public interface Subscription {
  /** The follower can take more: it catches up from where it was, then goes live again. */
  void resume();

  /** Nothing is delivered after this, once what is under way on its loop has run. */
  void cancel();
}
