package dev.parley.transport;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps the errors that the transport logs while it is open; any thread logs, the test asks. */
final class LogLines extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger(Scope.LOG.getName());
  private final List<String> lines = new CopyOnWriteArrayList<>();

  LogLines() {
    setLevel(Level.SEVERE);
    logger.addHandler(this);
  }

  List<String> lines() {
    return lines;
  }

  @Override
  public void publish(LogRecord line) {
    if (isLoggable(line)) {
      lines.add(line.getMessage() + (line.getThrown() == null ? "" : " and a trace"));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
