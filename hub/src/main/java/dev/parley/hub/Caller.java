package dev.parley.hub;

import dev.parley.stream.StreamPath;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, as far as a wire needs to know: what they may do, and until when. Made by the server's
 * access control from a token, or {@link #ANYONE} when no keys are configured.
 */
public interface Caller {
  /**
   * What can be done to a stream. {@code ADMIN} includes the others, and subscriptions and
   * node-wide views.
   */
  enum Right {
    READ,
    APPEND,
    CREATE,
    DELETE,
    ADMIN
  }

  Caller ANYONE =
      new Caller() {
        @Override
        public boolean may(Right right, StreamPath path) {
          return true;
        }

        @Override
        public boolean mayAdministrate() {
          return true;
        }

        @Override
        public @Nullable String subject() {
          return null;
        }

        @Override
        public long expiresAt() {
          return Long.MAX_VALUE;
        }
      };

  boolean may(Right right, StreamPath path);

  /** Whether the right {@code ADMIN} covers every path. */
  boolean mayAdministrate();

  /** The token's {@code sub}, or {@code null} for anyone. */
  @Nullable String subject();

  /** When what this caller opened must end, in milliseconds since the Unix epoch. */
  long expiresAt();
}
