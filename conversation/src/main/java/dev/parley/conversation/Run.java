package dev.parley.conversation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One reply, from the request to its one end. Confined to the owner of its conversation; only
 * {@link Conversation#apply} changes it.
 */
public final class Run {
  private enum Phase {
    QUEUED,
    STARTING,
    STREAMING,
    TOOLS,
    ENDED
  }

  private enum Call {
    UNAPPROVED,
    RUNNING,
    SETTLED
  }

  private final String id;
  private final Branch branch;
  private final ConversationEvent.RunRequested request;
  private final Map<String, Call> calls = new LinkedHashMap<>();
  private final Map<String, String> callNames = new LinkedHashMap<>();
  private Phase phase = Phase.QUEUED;
  private @Nullable RunState end;
  private @Nullable PersonaRef persona;
  private @Nullable Lease lease;
  private Usage usage = Usage.NONE;
  private long promptOffset;
  private long endedAt;
  private int attempts;
  private int turns;
  private long endOffset;

  Run(Branch branch, ConversationEvent.RunRequested request) {
    this.id = request.run();
    this.branch = branch;
    this.request = request;
  }

  public String id() {
    return id;
  }

  public Branch branch() {
    return branch;
  }

  /** How it was asked for, and what waits with it. */
  public ConversationEvent.RunRequested request() {
    return request;
  }

  public RunState state() {
    if (end != null) {
      return end;
    }
    String deletedBy = branch.conversation().deletedBy();
    if (deletedBy != null) {
      return new RunState.Stopped(deletedBy);
    }
    return switch (phase) {
      case QUEUED -> new RunState.Queued(branch.position(this));
      case STARTING -> new RunState.Starting();
      case STREAMING -> new RunState.Streaming();
      case TOOLS -> new RunState.WaitingForTool(calls(Call.UNAPPROVED), calls(Call.RUNNING));
      case ENDED -> throw new IllegalStateException("run " + id + ": over without an end");
    };
  }

  /** Who answers, once it has started. */
  public @Nullable PersonaRef persona() {
    return persona;
  }

  public @Nullable Lease lease() {
    return lease;
  }

  public Usage usage() {
    return usage;
  }

  /** When it ended, in milliseconds since the Unix epoch; 0 before. */
  public long endedAt() {
    return endedAt;
  }

  /**
   * What it took as far as its conversation tells: for a run whose process died, and with it what
   * was counted.
   *
   * @param shown all that it has shown since its last turn
   */
  public Usage estimate(List<TurnPart> shown) {
    if (turns == 0 && shown.isEmpty()) {
      return Usage.NONE;
    }
    Usage sum = Usage.NONE;
    long before = 0;
    for (Turn turn : branch.turns()) {
      long size = TurnPart.size(turn.parts());
      if (turn.ai() && id.equals(turn.run())) {
        sum = sum.plus(Usage.estimate(before, size));
      }
      before += hears(turn) ? size : 0;
    }
    return shown.isEmpty() ? sum : sum.plus(Usage.estimate(before, TurnPart.size(shown)));
  }

  /** How often its present generation was begun. */
  public int attempts() {
    return attempts;
  }

  /** Where in its branch it ended, 0 before. */
  public long endOffset() {
    return endOffset;
  }

  /** The name of the turn it says next. */
  public String nextTurn() {
    return id + "." + (turns + 1);
  }

  /** Whether its prompt has this turn of its branch: said before it began, or part of it. */
  boolean hears(Turn turn) {
    return turn.offset() <= promptOffset || id.equals(turn.run());
  }

  boolean queued() {
    return phase == Phase.QUEUED;
  }

  boolean ended() {
    return phase == Phase.ENDED;
  }

  boolean holdsBranch() {
    return phase != Phase.QUEUED && phase != Phase.ENDED;
  }

  boolean ownedBy(String owner) {
    return lease != null && lease.owner().equals(owner);
  }

  boolean waitsForTools() {
    return phase == Phase.TOOLS;
  }

  /** Whether it has called a tool under this name. */
  public boolean knows(String call) {
    return calls.containsKey(call);
  }

  boolean unapproved(String call) {
    return calls.get(call) == Call.UNAPPROVED;
  }

  boolean settled(String call) {
    return calls.get(call) == Call.SETTLED;
  }

  /** The tool of a call of this run. */
  public String toolName(String call) {
    return callNames.getOrDefault(call, call);
  }

  void started(PersonaRef by, Lease under, long offset) {
    phase = Phase.STARTING;
    persona = by;
    lease = under;
    promptOffset = offset;
    attempts = 1;
  }

  void streaming() {
    if (phase == Phase.STARTING) {
      phase = Phase.STREAMING;
    }
  }

  void steered(long offset) {
    promptOffset = offset;
    if (phase == Phase.STREAMING) {
      phase = Phase.STARTING;
    }
  }

  void leased(Lease under, Resumption how) {
    lease = under;
    if (phase != Phase.TOOLS && how != Resumption.RENEWED) {
      attempts++;
      phase = how == Resumption.RESTARTED ? Phase.STARTING : Phase.STREAMING;
    }
  }

  void said() {
    turns++;
  }

  void called(String call, String name, boolean needsApproval) {
    phase = Phase.TOOLS;
    calls.put(call, needsApproval ? Call.UNAPPROVED : Call.RUNNING);
    callNames.put(call, name);
  }

  void approved(String call) {
    calls.replace(call, Call.UNAPPROVED, Call.RUNNING);
  }

  /** With the last call the model is asked again. */
  void settle(String call) {
    calls.put(call, Call.SETTLED);
    if (calls(Call.UNAPPROVED).isEmpty() && calls(Call.RUNNING).isEmpty()) {
      phase = Phase.STARTING;
      attempts = 1;
    }
  }

  void ended(RunState how, Usage took, long offset, long at) {
    endOffset = offset;
    phase = Phase.ENDED;
    end = how;
    usage = took;
    endedAt = at;
  }

  private List<String> calls(Call state) {
    List<String> found = new ArrayList<>();
    calls.forEach((call, is) -> {
      if (is == state) {
        found.add(call);
      }
    });
    return found;
  }
}
