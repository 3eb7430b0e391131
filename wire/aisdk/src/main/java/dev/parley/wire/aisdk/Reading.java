package dev.parley.wire.aisdk;

import dev.parley.stream.Message;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One reader's way through a run's stream: says nothing of what the reader has already. Confined to
 * the reader's event loop.
 */
final class Reading {
  private final Predicate<ReplyState.Waiting> person;
  private final Set<String> again;
  private final long from;
  private @Nullable String after; // the call up to which the reader knows the reply
  private boolean heard; // what comes is new
  private long offset;
  private ReplyState state = new ReplyState();

  /**
   * @param after see {@link Asking.Reply}
   * @param from the last message of the stream whose chunks the reader has, 0 for none
   */
  Reading(
      Watching watching,
      Set<String> clientTools,
      @Nullable String after,
      Set<String> again,
      long from) {
    Set<String> answered = watching.answered();
    this.person =
        call ->
            (call.approval() || clientTools.contains(call.tool()))
                && !answered.contains(call.call());
    this.after = after;
    this.again = again;
    this.from = from;
    this.heard = after == null && from == 0;
  }

  ReplyState state() {
    return state;
  }

  /** Of the last message that was read. */
  long offset() {
    return offset;
  }

  /** Another reader's work on the same messages was as good. */
  void advance(ReplyState to, long offset) {
    this.state = to;
    this.offset = offset;
  }

  /** Reads on behalf of this reader alone. */
  void take(List<Message> messages, Chunks out) {
    state = state.copy();
    for (Message message : messages) {
      if (!heard && after == null && message.offset() > from) {
        out.mute(true);
        state.settle(out);
        heard = true;
      }
      out.mute(!heard);
      state.take(message.bytes(), out);
      offset = message.offset();
      String call = after;
      if (call != null && state.waitsFor(each -> each.call().equals(call))) {
        after = null;
        heard = offset > from || from == 0;
        out.mute(!heard);
        state.resume(again, out);
      }
    }
    out.mute(false);
  }

  /** All there is has been read. */
  void settle(Chunks out) {
    state = state.copy();
    out.mute(!heard);
    state.settle(out);
    out.mute(false);
    heard = true;
    after = null;
  }

  /** Whether the page has to answer before it goes on. */
  boolean pauses() {
    return !state.ended() && state.waitsFor(person);
  }
}
