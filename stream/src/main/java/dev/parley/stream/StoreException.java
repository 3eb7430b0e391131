package dev.parley.stream;

/** The store could not do what it was asked, through no fault of the request. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  /** Why, and whether to come back. */
  public enum Code {
    /** No space on the device: reads go on, and appends again once there is space. */
    FULL(507, "store_full", "no space left to store this; reads go on", true),
    /** The mailbox is full: come back. */
    BUSY(503, "store_busy", "the store has too much to do", true),
    /** The store is shutting down. */
    STOPPED(503, "store_stopped", "the server is shutting down", true),
    /** Another process holds the data folder. */
    LOCKED(500, "store_failed", "the store failed", false),
    /** Stored data is not what was written, or not ours. */
    CORRUPT(500, "store_failed", "the store failed", false),
    /** The device failed. */
    IO(500, "store_failed", "the store failed", false);

    private final int status;
    private final String word;
    private final String sentence;
    private final boolean retryable;

    Code(int status, String word, String sentence, boolean retryable) {
      this.status = status;
      this.word = word;
      this.sentence = sentence;
      this.retryable = retryable;
    }

    /** As HTTP says it. */
    public int status() {
      return status;
    }

    /** A stable name for clients. */
    public String word() {
      return word;
    }

    /** All that clients are told: why it failed has been logged. */
    public String sentence() {
      return sentence;
    }

    public boolean retryable() {
      return retryable;
    }
  }

  /** What a wire answers with. */
  @FunctionalInterface
  public interface Answer<E> {
    E of(int status, String word, String sentence, boolean retryable);
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

  /** As a wire's own kind of error. */
  public <E> E as(Answer<E> answer) {
    return answer.of(code.status, code.word, code.sentence, code.retryable);
  }
}
