package dev.parley.stream;

/** The store could not do what it was asked, through no fault of the request. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  /** Why, and whether to come back. */
  public enum Code {
    /** No space on the device: reads go on, and appends again once there is space. */
    FULL(true),
    /** The mailbox is full: come back. */
    BUSY(true),
    /** The store is shutting down. */
    STOPPED(true),
    /** Another process holds the data folder. */
    LOCKED(false),
    /** Stored data is not what was written, or not ours. */
    CORRUPT(false),
    /** The device failed. */
    IO(false);

    private final boolean retryable;

    Code(boolean retryable) {
      this.retryable = retryable;
    }

    public boolean retryable() {
      return retryable;
    }
  }

  public StoreException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public StoreException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
