package dev.parley.provider.cache;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.ModelRef;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Provider.Listener;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Passes a reply on and keeps it if it becomes a whole one. Called as its listener is. Small pieces
 * are joined, for they are given again all at once.
 */
final class Keeping implements Listener {
  private static final int PIECE = 256;

  private enum Kind {
    NONE,
    TEXT,
    REASONING
  }

  private final Listener listener;
  private final int most;
  private final Consumer<KeptReply> keep;
  private final List<Delta> deltas = new ArrayList<>();
  private final StringBuilder piece = new StringBuilder();
  private Kind kind = Kind.NONE;
  private int length;
  private boolean worthIt = true;

  /**
   * Keeps one reply.
   *
   * @param most characters worth keeping
   */
  Keeping(Listener listener, int most, Consumer<KeptReply> keep) {
    this.listener = listener;
    this.most = most;
    this.keep = keep;
  }

  @Override
  public void onDelta(Delta delta) {
    if (worthIt) {
      switch (delta) {
        case Delta.Text(String text) -> add(Kind.TEXT, text);
        case Delta.Reasoning(String text) -> add(Kind.REASONING, text);
        case Delta.ToolCall _, Delta.ToolArguments _ -> giveUp();
      }
    }
    listener.onDelta(delta);
  }

  @Override
  public void onFallback(ModelRef model) {
    listener.onFallback(model);
  }

  private void add(Kind of, String text) {
    length += text.length();
    if (length > most || length < 0) {
      giveUp();
      return;
    }
    if (of != kind || piece.length() + text.length() > PIECE) {
      cut();
    }
    kind = of;
    piece.append(text);
  }

  private void cut() {
    switch (kind) {
      case TEXT -> deltas.add(new Delta.Text(piece.toString()));
      case REASONING -> deltas.add(new Delta.Reasoning(piece.toString()));
      case NONE -> {}
    }
    piece.setLength(0);
    kind = Kind.NONE;
  }

  private void giveUp() {
    worthIt = false;
    deltas.clear();
    piece.setLength(0);
    piece.trimToSize();
  }

  @Override
  public void onEnd(Ending ending) {
    if (worthIt
        && length > 0
        && ending instanceof Ending.Finished finished
        && finished.reason() == FinishReason.STOP) {
      cut();
      keep.accept(new KeptReply(deltas));
    }
    listener.onEnd(ending);
  }
}
