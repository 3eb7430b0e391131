package dev.parley.conversation.provider;

import dev.parley.conversation.ModelRef;

/** Where replies come from. Safe on any thread; no method blocks. */
public interface Provider {
  /** What configuration, usage and failures call it. */
  String name();

  /**
   * Whether a prompt with a {@link Prompt#prefix()} is continued from there. One that cannot
   * answers such a prompt with {@link Failure.Code#BAD_REQUEST}.
   */
  default boolean continuesFromPrefix() {
    return false;
  }

  /**
   * Begins a reply. The listener is called in order and one call at a time, on threads of the
   * provider's: on the caller's own if that is one of them, and on the same one as long as nothing
   * has to be tried again. A failure known at once is also delivered by the listener, possibly
   * before this method returns.
   */
  Generation generate(Prompt prompt, Listener listener);

  /** Opens what a first reply would have to wait for, such as a connection. A hint. */
  default void warm() {}

  /** A reply under way. Safe on any thread. */
  interface Generation {
    /**
     * Ends it: what it holds upstream is closed at once. The listener is not called again, except
     * for a call that is already under way on another thread. Does nothing after the end.
     */
    void stop();
  }

  /** Hears a reply. What it is called with is immutable. It must not block. */
  interface Listener {
    void onDelta(Delta delta);

    /** What follows, and its usage, is another model's: that of a fall-back. */
    default void onFallback(ModelRef model) {}

    /** The last call, unless the generation was stopped. */
    void onEnd(Ending ending);
  }
}
