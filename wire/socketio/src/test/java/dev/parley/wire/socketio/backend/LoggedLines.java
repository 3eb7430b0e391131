package dev.parley.wire.socketio.backend;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Hears everything that is logged while it is open, exceptions and finest levels included. */
final class LoggedLines extends Handler implements AutoCloseable {
  // Held: the runtime forgets loggers, and their levels, that nobody holds.
  private final List<Logger> loggers =
      List.of(Logger.getLogger(""), Logger.getLogger("dev.parley"), Logger.getLogger("io"));
  private final List<String> lines = new CopyOnWriteArrayList<>();

  LoggedLines() {
    setLevel(Level.ALL);
    loggers.getFirst().addHandler(this);
    loggers.get(1).setLevel(Level.ALL);
    loggers.get(2).setLevel(Level.ALL);
  }

  List<String> lines() {
    return lines;
  }

  @Override
  public void publish(LogRecord entry) {
    StringBuilder line = new StringBuilder(String.valueOf(entry.getMessage()));
    if (entry.getParameters() != null) {
      for (Object parameter : entry.getParameters()) {
        line.append(' ').append(parameter);
      }
    }
    for (Throwable each = entry.getThrown(); each != null; each = each.getCause()) {
      line.append(' ').append(each);
    }
    lines.add(line.toString());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    loggers.getFirst().removeHandler(this);
    loggers.get(1).setLevel(null);
    loggers.get(2).setLevel(null);
  }
}
