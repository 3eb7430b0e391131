package dev.parley.conversation.limit;

/** How urgent a reply is, the most urgent first. */
public enum Priority {
  /** Somebody is looking at the screen. */
  HIGH,
  NORMAL,
  /** Work in the background. */
  LOW
}
