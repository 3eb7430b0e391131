package dev.parley.conversation.run;

import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Delta;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a reply says in its present turn, and what of it is still to be written to the stream.
 * Confined to the loop of its conversation.
 */
final class Draft {
  /** A part that grows. */
  private static final class Piece {
    final Kind kind;
    final int call; // index of the call, else -1
    final String id;
    final String name;
    private byte[] text = {}; // UTF-8, but for what is not written yet
    private int length;

    Piece(Kind kind, int call, String id, String name) {
      this.kind = kind;
      this.call = call;
      this.id = id;
      this.name = name;
    }

    void append(String more) {
      byte[] bytes = more.getBytes(StandardCharsets.UTF_8);
      if (length + bytes.length > text.length) { // by an eighth: there are thousands of them
        text = Arrays.copyOf(text, length + bytes.length + Math.max(64, length / 8));
      }
      System.arraycopy(bytes, 0, text, length, bytes.length);
      length += bytes.length;
    }

    String text() {
      return new String(text, 0, length, StandardCharsets.UTF_8);
    }
  }

  private enum Kind {
    TEXT,
    REASONING,
    CALL
  }

  private final List<Piece> pieces = new ArrayList<>(1);
  private final List<byte[]> messages = new ArrayList<>(1); // encoded, to be written
  private final StringBuilder unwritten = new StringBuilder(0); // of the last piece
  private char half; // first half of a character whose second half has not come, or 0
  private int bytes;

  /** Takes over what was shown before, which is written already. */
  void restore(List<TurnPart> shown) {
    for (TurnPart part : shown) {
      switch (part) {
        case TurnPart.Text it -> grow(Kind.TEXT, it.text());
        case TurnPart.Reasoning it -> grow(Kind.REASONING, it.text());
        case TurnPart.ToolCall _, TurnPart.ToolResult _ -> {}
        case TurnPart.File _, TurnPart.Unknown _ -> {}
      }
    }
    encodeUnwritten();
    messages.clear();
  }

  /**
   * Takes in what comes next.
   *
   * @throws IllegalArgumentException for a call that no turn can hold; nothing is taken in
   */
  void add(Delta delta) {
    switch (delta) {
      case Delta.Text it -> grow(Kind.TEXT, it.text());
      case Delta.Reasoning it -> grow(Kind.REASONING, it.text());
      case Delta.ToolCall it -> {
        var _ = new TurnPart.ToolCall(it.id(), it.name(), ""); // which checks
        encodeUnwritten();
        pieces.add(new Piece(Kind.CALL, it.index(), it.id(), it.name()));
        messages.add(RunJson.call(it.index(), it.id(), it.name()));
        bytes += it.id().length() + it.name().length();
      }
      case Delta.ToolArguments it -> {
        Piece last = last();
        if (last == null || last.call != it.index()) { // arguments of several calls in turns
          encodeUnwritten();
          Piece call = call(it.index());
          if (call != null) {
            call.append(it.json());
            messages.add(RunJson.arguments(it.index(), it.json()));
            bytes += it.json().length();
          }
        } else {
          append(it.json());
        }
      }
    }
  }

  private void grow(Kind kind, String text) {
    if (text.isEmpty()) {
      return;
    }
    Piece piece = last();
    if (piece == null || piece.kind != kind) {
      encodeUnwritten();
      piece = new Piece(kind, -1, "", "");
      pieces.add(piece);
    }
    append(text);
  }

  /** Characters that were cut in two are whole again; a half that stays alone is replaced. */
  private void append(String text) {
    String whole = half == 0 && isWhole(text) ? text : mended(text);
    unwritten.append(whole);
    bytes += whole.length();
  }

  private static boolean isWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private String mended(String text) {
    StringBuilder whole = new StringBuilder(text.length() + 1);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isLowSurrogate(c)) {
        whole.append(half == 0 ? "\uFFFD" : half + "" + c);
        half = 0;
        continue;
      }
      if (half != 0) {
        whole.append('\uFFFD');
        half = 0;
      }
      if (Character.isHighSurrogate(c)) {
        half = c;
      } else {
        whole.append(c);
      }
    }
    return whole.toString();
  }

  private @Nullable Piece last() {
    return pieces.isEmpty() ? null : pieces.getLast();
  }

  private @Nullable Piece call(int index) {
    for (Piece piece : pieces.reversed()) {
      if (piece.call == index) {
        return piece;
      }
    }
    return null;
  }

  private void encodeUnwritten() {
    half = 0;
    if (unwritten.isEmpty()) {
      return;
    }
    Piece piece = pieces.getLast();
    String text = unwritten.toString();
    unwritten.setLength(0);
    piece.append(text);
    messages.add(
        switch (piece.kind) {
          case TEXT -> RunJson.text(text);
          case REASONING -> RunJson.reasoning(text);
          case CALL -> RunJson.arguments(piece.call, text);
        });
  }

  boolean hasUnwritten() {
    return !unwritten.isEmpty() || !messages.isEmpty();
  }

  /** Messages for what is not written yet; it counts as written from here on. */
  List<byte[]> take() {
    char cut = half;
    encodeUnwritten();
    half = cut;
    List<byte[]> taken = List.copyOf(messages);
    messages.clear();
    return taken;
  }

  /** Whether nothing has been said. */
  boolean isEmpty() {
    return pieces.isEmpty();
  }

  /** About how large it is. */
  int bytes() {
    return bytes;
  }

  /** All of the turn so far. */
  List<TurnPart> parts() {
    return pieces.stream().map(this::part).toList();
  }

  private TurnPart part(Piece piece) {
    String text = text(piece);
    return switch (piece.kind) {
      case TEXT -> new TurnPart.Text(text);
      case REASONING -> new TurnPart.Reasoning(text);
      case CALL -> new TurnPart.ToolCall(piece.id, piece.name, text);
    };
  }

  private String text(Piece piece) {
    return piece == last() ? piece.text() + unwritten : piece.text();
  }

  /** The calls of tools among it. */
  List<TurnPart.ToolCall> calls() {
    return parts().stream()
        .filter(TurnPart.ToolCall.class::isInstance)
        .map(TurnPart.ToolCall.class::cast)
        .toList();
  }

  /** What it says, without reasoning: a prefix to go on from. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      if (piece.kind == Kind.TEXT) {
        text.append(text(piece));
      }
    }
    return text.toString();
  }

  /** The next turn begins. What is not written of this one stays to be written. */
  void clear() {
    encodeUnwritten();
    pieces.clear();
    bytes = 0;
  }
}
