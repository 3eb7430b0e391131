package dev.parley.socketio;

import java.util.List;

/** An answer did not come in time, or its socket has gone. */
public final class AckTimeoutException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Arguments> answers;

  public AckTimeoutException(String message, List<Arguments> answers) {
    super(message, null, false, false);
    this.answers = List.copyOf(answers);
  }

  /** The answers that came. */
  public List<Arguments> answers() {
    return answers;
  }
}
