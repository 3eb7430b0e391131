package dev.parley.socketio;

import org.jspecify.annotations.Nullable;

/** Refuses a client a namespace: it hears {@code connect_error} with this message and data. */
public final class ConnectRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable Object data;

  public ConnectRefusedException(String message) {
    this(message, null);
  }

  /**
   * @param data anything JSON can say
   */
  public ConnectRefusedException(String message, @Nullable Object data) {
    super(message);
    this.data = data;
  }

  public @Nullable Object data() {
    return data;
  }
}
