package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.stream.StreamPath;
import java.util.Locale;

/** Checks what a caller may do. Stateless. */
final class Rights {
  private Rights() {}

  static void require(Caller caller, Caller.Right right, StreamPath path) {
    if (!caller.may(right, path)) {
      throw Refusal.forbidden(right.name().toLowerCase(Locale.ROOT) + " " + path);
    }
  }
}
