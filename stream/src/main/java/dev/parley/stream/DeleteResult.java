package dev.parley.stream;

/** What became of a delete. */
public enum DeleteResult {
  DELETED,
  /** Kept for its forks, gone for everyone else. */
  SOFT_DELETED,
  MISSING,
  /** It was soft-deleted before. */
  GONE
}
