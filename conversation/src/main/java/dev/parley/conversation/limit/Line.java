package dev.parley.conversation.limit;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** What one user runs and waits for. Guarded by the lock of {@link Slots}. */
final class Line {
  final String user;
  private final Map<Priority, SequencedSet<Ticket>> waiting = new EnumMap<>(Priority.class);
  int running;
  int waits;

  Line(String user) {
    this.user = user;
    for (Priority priority : Priority.values()) {
      waiting.put(priority, new LinkedHashSet<>());
    }
  }

  SequencedSet<Ticket> waiting(Priority priority) {
    return Objects.requireNonNull(waiting.get(priority));
  }

  /** The one that came first, whatever its priority; one waits at least. */
  Ticket oldest() {
    @Nullable Ticket oldest = null;
    for (SequencedSet<Ticket> tickets : waiting.values()) {
      if (!tickets.isEmpty()) {
        Ticket first = tickets.getFirst();
        oldest = oldest == null || first.number < oldest.number ? first : oldest;
      }
    }
    return Objects.requireNonNull(oldest);
  }
}
