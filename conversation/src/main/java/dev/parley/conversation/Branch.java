package dev.parley.conversation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One way a conversation went: a fork of the stream it branched off from. Confined to the owner of
 * its conversation; only {@link Conversation#apply} changes it.
 */
public final class Branch {
  private final Conversation conversation;
  private final String id;
  private final List<Turn> turns = new ArrayList<>();
  private final List<Switch> switches = new ArrayList<>();
  private final List<Run> waiting = new ArrayList<>();
  private final Map<String, Long> readUpTo = new HashMap<>();
  private @Nullable Run running;
  private ConversationEvent.@Nullable BranchedOff origin;
  private long tail;

  private record Switch(PersonaRef persona, long offset) {}

  Branch(Conversation conversation, String id) {
    this.conversation = conversation;
    this.id = id;
  }

  public Conversation conversation() {
    return conversation;
  }

  public String id() {
    return id;
  }

  /** Where it branched off, {@code null} for the main branch. */
  public ConversationEvent.@Nullable BranchedOff origin() {
    return origin;
  }

  /** Offset of its last event, shared ones counted. */
  public long tail() {
    return tail;
  }

  /** All that was said, shared turns first; a view. */
  public List<Turn> turns() {
    return Collections.unmodifiableList(turns);
  }

  public @Nullable Turn turn(String turn) {
    for (int i = turns.size() - 1; i >= 0; i--) {
      if (turns.get(i).id().equals(turn)) {
        return turns.get(i);
      }
    }
    return null;
  }

  /** The reply that runs. */
  public @Nullable Run running() {
    return conversation.deletedBy() == null ? running : null;
  }

  /** The replies that wait, in order; a view. */
  public List<Run> waiting() {
    return conversation.deletedBy() == null ? Collections.unmodifiableList(waiting) : List.of();
  }

  /** Who replies from here on. */
  public @Nullable PersonaRef persona() {
    return switches.isEmpty() ? null : switches.getLast().persona();
  }

  /** How far a person has read in this branch, 0 when not at all. */
  public long readUpTo(String person) {
    return readUpTo.getOrDefault(person, 0L);
  }

  /** The offset it shares with its source, 0 for the main branch. */
  long forkOffset() {
    return origin == null ? 0 : origin.offset();
  }

  /** Whether no run holds it, whatever became of the conversation. */
  boolean idle() {
    return running == null;
  }

  int position(Run run) {
    return waiting.indexOf(run) + 1;
  }

  void advance(long offset) {
    tail = offset;
  }

  void branchOff(ConversationEvent.BranchedOff event, @Nullable Branch source) {
    origin = event;
    if (source != null) {
      source.turns.stream().filter(t -> t.offset() <= event.offset()).forEach(turns::add);
      source.switches.stream().filter(s -> s.offset() <= event.offset()).forEach(switches::add);
    }
  }

  void add(Turn turn) {
    turns.add(turn);
  }

  void switchTo(PersonaRef persona, long offset) {
    switches.add(new Switch(persona, offset));
  }

  void read(String person, long offset) {
    readUpTo.merge(person, offset, Math::max);
  }

  void queue(Run run, boolean ahead) {
    waiting.add(ahead ? 0 : waiting.size(), run);
  }

  void start(Run run) {
    waiting.remove(run);
    running = run;
  }

  void end(Run run) {
    waiting.remove(run);
    if (running == run) {
      running = null;
    }
  }
}
