package dev.parley.conversation;

/** What becomes of a message that asks for a reply while another one runs in its branch. */
public enum OnBusy {
  /** It waits its turn; it enters the transcript when its own reply starts. */
  QUEUE,
  /** The running reply is stopped with what it has said, and the new one goes next. */
  REPLACE,
  /** It is refused with {@link Refusal#RUN_ACTIVE}. */
  REJECT
}
