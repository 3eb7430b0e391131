package dev.parley.conversation.request;

import dev.parley.conversation.Refusal;
import dev.parley.stream.Quotable;
import org.jspecify.annotations.Nullable;

/**
 * A request that is refused: status, code and number, a sentence, and whether to come back.
 * Immutable.
 */
public final class RequestRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final @Nullable Refusal refusal;
  private final String text;

  private RequestRefused(@Nullable Refusal refusal, String text) {
    super(text, null, false, false); // an answer, not an accident: no stack trace
    this.refusal = refusal;
    this.text = text;
  }

  public static RequestRefused of(Refusal refusal, String text) {
    return new RequestRefused(refusal, text);
  }

  /** A field that is missing, wrong or unknown. */
  public static RequestRefused badField(String text) {
    return new RequestRefused(null, text);
  }

  public static RequestRefused noConversation() {
    return of(
        Refusal.NO_CONVERSATION,
        "conversation: none for you (expected: one that you are a member of)");
  }

  public static RequestRefused noBranch(String branch) {
    return of(
        Refusal.NO_BRANCH,
        "branch: " + Quotable.of(branch) + " (expected: one of this conversation)");
  }

  public static RequestRefused noRun() {
    return of(
        Refusal.NO_RUN,
        "run: none for you (expected: one of a conversation that you are a member of)");
  }

  /** Why, unless it is a bad field. */
  public @Nullable Refusal refusal() {
    return refusal;
  }

  /** As HTTP says it. */
  public int status() {
    return refusal == null ? 400 : refusal.status();
  }

  public String code() {
    return refusal == null ? "bad_field" : refusal.word();
  }

  /** 0 for a bad field. */
  public int number() {
    return refusal == null ? 0 : refusal.code();
  }

  public boolean retry() {
    return refusal != null && refusal.retryable();
  }

  public String text() {
    return text;
  }
}
