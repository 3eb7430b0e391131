package dev.parley.conversation;

/** What a member may do. Each includes what the ones before it may. */
public enum Role {
  /** Reads, and says how far. */
  READER,
  /** Speaks, branches, renames, asks for replies, stops and steers them, settles tool calls. */
  WRITER,
  /** Archives, restores and deletes, and decides who is a member. */
  OWNER;

  boolean includes(Role other) {
    return compareTo(other) >= 0;
  }
}
