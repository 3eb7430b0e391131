package dev.parley.conversation;

/** How a lease came to be: what its owner does with the run. */
public enum Resumption {
  /** The owner goes on as it was. */
  RENEWED,
  /** What has been shown stays; the provider goes on from there, or the tools are called again. */
  CONTINUED,
  /** Nothing had been shown; it is asked again from the start. */
  RESTARTED
}
