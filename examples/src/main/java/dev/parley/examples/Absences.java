package dev.parley.examples;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Sockets that have lost their connection a moment ago. Safe on any thread. */
final class Absences {
  private static final long PATIENCE_SECONDS = 5;

  private final Map<String, Absence> bySocket = new HashMap<>(); // guarded by this

  private record Absence(String name, List<String> rooms) {}

  /** Runs {@code over} when the socket is not back in time. */
  synchronized void begin(String socket, String name, List<String> rooms, Runnable over) {
    Absence absence = new Absence(name, rooms);
    bySocket.put(socket, absence);
    CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .execute(() -> {
          if (isOver(socket, absence)) {
            over.run();
          }
        });
  }

  private synchronized boolean isOver(String socket, Absence absence) {
    return bySocket.get(socket) == absence && bySocket.remove(socket) != null;
  }

  /** The socket is back. */
  synchronized void end(String socket) {
    bySocket.remove(socket);
  }

  synchronized Set<String> namesIn(String room) {
    return bySocket.values().stream()
        .filter(absence -> absence.rooms().contains(room))
        .map(Absence::name)
        .collect(Collectors.toSet());
  }
}
