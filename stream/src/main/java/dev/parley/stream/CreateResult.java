package dev.parley.stream;

/** What became of a create. */
public sealed interface CreateResult {
  record Created(StreamInfo info) implements CreateResult {}

  /** It was there, and alike: same content type, expiry, closure and fork point. */
  record Exists(StreamInfo info) implements CreateResult {}

  /** It was there, and differs; {@code reason} says in what. */
  record Conflict(String reason) implements CreateResult {}

  record SourceMissing() implements CreateResult {}

  record SourceGone() implements CreateResult {}

  /** The fork's content type is not its source's. */
  record SourceContentType(String expected) implements CreateResult {}

  /**
   * The fork point lies beyond the source's tail, before its retained past, or past the next
   * append.
   */
  record BadForkPoint(String reason) implements CreateResult {}
}
