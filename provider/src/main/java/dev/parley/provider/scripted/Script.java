package dev.parley.provider.scripted;

import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scripted reply says, piece by piece. Immutable.
 *
 * @param pieces each counts as a token
 * @param failure how it ends after them; null if it ends well
 */
public record Script(List<Delta> pieces, @Nullable Failure failure) {
  private static final int LONGEST_PIECE = 12;

  public Script {
    pieces = List.copyOf(pieces);
  }

  public static Script of(Delta... pieces) {
    return new Script(List.of(pieces), null);
  }

  /** A text, cut about where a model would: a word and the white space before it. */
  public static Script says(String text) {
    return new Script(cut(text).stream().<Delta>map(Delta.Text::new).toList(), null);
  }

  /** A text that was thought about first. */
  public static Script thinks(String thought, String text) {
    List<Delta> pieces = new ArrayList<>();
    cut(thought).forEach(piece -> pieces.add(new Delta.Reasoning(piece)));
    pieces.addAll(says(text).pieces);
    return new Script(pieces, null);
  }

  /** A call of a tool, its arguments in two pieces as models send them. */
  public static Script calls(String id, String tool, String argumentsJson) {
    int half = argumentsJson.length() / 2;
    return of(
        new Delta.ToolCall(0, id, tool),
        new Delta.ToolArguments(0, argumentsJson.substring(0, half)),
        new Delta.ToolArguments(0, argumentsJson.substring(half)));
  }

  /** The same, but after its last piece it breaks. */
  public Script failing(Failure how) {
    return new Script(pieces, how);
  }

  boolean callsTools() {
    return pieces.stream().anyMatch(Delta.ToolCall.class::isInstance);
  }

  /** What is left to say after a text; null if this does not begin with it. */
  @Nullable List<Delta> after(String prefix) {
    int said = 0;
    int next = 0;
    List<Delta> left = new ArrayList<>();
    for (; said < prefix.length() && next < pieces.size(); next++) {
      if (pieces.get(next) instanceof Delta.Text(String text)) {
        int length = Math.min(text.length(), prefix.length() - said);
        if (!prefix.regionMatches(said, text, 0, length)) {
          return null;
        }
        said += length;
        if (length < text.length()) {
          left.add(new Delta.Text(text.substring(length)));
        }
      }
    }
    if (said < prefix.length()) {
      return null;
    }
    left.addAll(pieces.subList(next, pieces.size()));
    return left;
  }

  private static List<String> cut(String text) {
    List<String> pieces = new ArrayList<>();
    for (int start = 0; start < text.length(); ) {
      int end = end(text, start);
      pieces.add(text.substring(start, end));
      start = end;
    }
    return pieces;
  }

  /** How many pieces a text has. */
  static int count(String text) {
    int pieces = 0;
    for (int start = 0; start < text.length(); start = end(text, start)) {
      pieces++;
    }
    return pieces;
  }

  private static int end(String text, int start) {
    int end = start;
    while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    int most = Math.min(text.length(), end + LONGEST_PIECE);
    while (end < most && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    boolean inPair =
        end < text.length() && Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
    return inPair ? end + 1 : end;
  }
}
