package dev.parley.provider;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Provider.Listener;
import org.jspecify.annotations.Nullable;

/**
 * What a dialect has understood of an answer, on its way to the listener: deltas of one read are
 * joined, and it ends once. Confined to the loop of the answer.
 */
public final class Reply {
  private static final System.Logger LOG = System.getLogger(Reply.class.getName());

  private final Listener listener;
  private final int maxChars;
  private final StringBuilder joined = new StringBuilder(0);
  private Kind kind = Kind.TEXT;
  private int index;
  private @Nullable String first; // of the deltas to be joined; alone in most reads
  private int calls;
  private int chars;
  private Usage usage = Usage.UNKNOWN;
  private @Nullable FinishReason reason;
  private boolean anyDelta;
  private boolean progressed;
  private boolean over;
  private boolean failed;

  private enum Kind {
    TEXT,
    REASONING,
    ARGUMENTS
  }

  Reply(Listener listener, int maxChars) {
    this.listener = listener;
    this.maxChars = maxChars;
  }

  public void text(String text) {
    add(Kind.TEXT, 0, text);
  }

  public void reasoning(String text) {
    add(Kind.REASONING, 0, text);
  }

  /** A tool call begins. @return its index, counted from 0 in the order they begin */
  public int toolCall(String id, String name) {
    flush();
    int call = calls++;
    if (admit(id.length() + name.length())) {
      deliver(new Delta.ToolCall(call, id, name));
    }
    return call;
  }

  /** More of the arguments of a call that has begun. */
  public void toolArguments(int call, String json) {
    add(Kind.ARGUMENTS, call, json);
  }

  /** How many tool calls have begun. */
  public int toolCalls() {
    return calls;
  }

  /** Counts as the upstream does; the last one holds. */
  public void usage(Usage counted) {
    usage = counted;
  }

  public Usage usage() {
    return usage;
  }

  /** Says why it will end, once it does. */
  public void reason(FinishReason why) {
    reason = why;
  }

  /** The upstream says that this was all. */
  public void finish() {
    if (reason == null && !anyDelta && first == null) {
      fail(Failure.of(Code.MALFORMED, "the upstream ended the reply before it began"));
      return;
    }
    FinishReason why = reason;
    if (why == null) {
      why = calls > 0 ? FinishReason.TOOL_CALLS : FinishReason.STOP;
    }
    end(new Ending.Finished(why, usage));
  }

  public void fail(Failure failure) {
    failed |= !over;
    end(new Ending.Failed(failure));
  }

  /**
   * Nothing more comes, without a word of the upstream's: finished if it had said why, else failed.
   */
  void cut(Failure failure) {
    if (reason != null) {
      finish();
    } else {
      fail(failure);
    }
  }

  /** Hands on what was gathered. */
  void flush() {
    String text = first;
    if (text == null || over) {
      return;
    }
    first = null;
    if (!joined.isEmpty()) {
      text = joined.toString();
      joined.setLength(0);
    }
    deliver(
        switch (kind) {
          case TEXT -> new Delta.Text(text);
          case REASONING -> new Delta.Reasoning(text);
          case ARGUMENTS -> new Delta.ToolArguments(index, text);
        });
  }

  /** Whether a delta came since the last call. */
  boolean progressed() {
    boolean did = progressed;
    progressed = false;
    return did;
  }

  boolean over() {
    return over;
  }

  boolean failed() {
    return failed;
  }

  /** Says no more. */
  void silence() {
    over = true;
    first = null;
  }

  private void add(Kind of, int call, String text) {
    if (text.isEmpty() || !admit(text.length())) {
      return;
    }
    progressed = true;
    if (first != null && (kind != of || index != call)) {
      flush();
    }
    if (first == null) {
      kind = of;
      index = call;
      first = text;
      return;
    }
    if (joined.isEmpty()) {
      joined.append(first);
    }
    joined.append(text);
  }

  private boolean admit(int more) {
    if (over) {
      return false;
    }
    chars += more;
    if (chars > maxChars) {
      fail(Failure.of(Code.TOO_LARGE, "the reply has over " + maxChars + " characters"));
      return false;
    }
    return true;
  }

  private void deliver(Delta delta) {
    anyDelta = true;
    progressed = true;
    try {
      listener.onDelta(delta);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a reply's listener failed; the reply is given up", e);
      failed = true;
      silence();
    }
  }

  private void end(Ending ending) {
    flush();
    if (over) {
      return;
    }
    silence();
    try {
      listener.onEnd(ending);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a reply's listener failed at its end", e);
    }
  }
}
