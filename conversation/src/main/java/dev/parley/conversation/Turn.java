package dev.parley.conversation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a branch. Immutable.
 *
 * @param ai whether a machine wrote it, or a part of it
 * @param run the run that wrote it or that it steers, if any
 * @param offset of the event that brought it, in the branch it was said in; forks have the same
 *     offsets in the shared past
 * @param at when, in milliseconds since the Unix epoch
 */
public record Turn(
    String id,
    Author author,
    boolean ai,
    List<TurnPart> parts,
    @Nullable String run,
    long offset,
    long at) {
  public Turn {
    parts = List.copyOf(parts);
  }

  /** The texts of it, without reasoning and tools. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (TurnPart part : parts) {
      if (part instanceof TurnPart.Text(String piece, String _)) {
        text.append(piece);
      }
    }
    return text.toString();
  }
}
