package dev.parley.conversation;

import dev.parley.conversation.ConversationEvent.*;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation has become by its events. Confined to whoever owns the conversation: one at a
 * time decides, stores and applies.
 *
 * <p>Each branch has a stream; the streams of other branches than {@link #MAIN} are forks. Events
 * of one branch are applied in their order, a fork's after those of its source that it shares; how
 * those of different branches are mixed otherwise makes no difference, so a conversation is loaded
 * branch by branch.
 */
public final class Conversation {
  /** The branch that all others come from. */
  public static final String MAIN = "main";

  private final ConversationLimits limits;
  private final Map<String, Role> members = new LinkedHashMap<>();
  private final Map<String, Branch> branches = new LinkedHashMap<>();
  private final Map<String, Run> runs = new LinkedHashMap<>();
  private final Map<Sent, String> sent = new HashMap<>(); // the turn a client's message became
  private final Set<String> turnIds = new HashSet<>();
  private final Set<String> announced = new HashSet<>();
  private @Nullable Created created;
  private String title = "";
  private boolean archived;
  private @Nullable String deletedBy;

  private record Sent(String person, String clientMessageId) {}

  public Conversation(ConversationLimits limits) {
    this.limits = limits;
  }

  /** Its name, empty before it was created. */
  public String id() {
    return created == null ? "" : created.conversation();
  }

  public boolean exists() {
    return created != null;
  }

  /** How it began, {@code null} before. */
  public @Nullable Created created() {
    return created;
  }

  public String title() {
    return title;
  }

  public boolean archived() {
    return archived;
  }

  /** Who deleted it, {@code null} while it is there. */
  public @Nullable String deletedBy() {
    return deletedBy;
  }

  /** Members and what they may do, in the order they came; a view. */
  public Map<String, Role> members() {
    return Collections.unmodifiableMap(members);
  }

  /** By name; a view. */
  public Map<String, Branch> branches() {
    return Collections.unmodifiableMap(branches);
  }

  public @Nullable Branch branch(String branch) {
    return branches.get(branch);
  }

  /** By name, those that ended too; a view. */
  public Map<String, Run> runs() {
    return Collections.unmodifiableMap(runs);
  }

  public @Nullable Run run(String run) {
    return runs.get(run);
  }

  /** Who will answer in a run that has not started. */
  public @Nullable PersonaRef personaFor(Run run) {
    PersonaRef asked = run.request().persona();
    return asked != null ? asked : run.branch().persona();
  }

  /** The turns a provider is asked with, every tool call with its result right behind it. */
  public List<Turn> prompt(Run run) {
    return Transcript.settled(run.branch().turns().stream().filter(run::hears).toList());
  }

  /** Runs that somebody has to take up: their lease expired, or its owner is gone. */
  public List<Run> abandoned(long nowMillis, Predicate<String> ownerGone) {
    List<Run> found = new ArrayList<>();
    for (Branch branch : branches.values()) {
      Run run = branch.running();
      Lease lease = run == null ? null : run.lease();
      if (run != null
          && lease != null
          && (!lease.held(nowMillis) || ownerGone.test(lease.owner()))) {
        found.add(run);
      }
    }
    return found;
  }

  /** Announcements that a crash left out; to be appended to the main branch after loading. */
  public List<BranchAdded> unannounced() {
    List<BranchAdded> missing = new ArrayList<>();
    for (Branch branch : branches.values()) {
      BranchedOff origin = branch.origin();
      if (origin != null && !announced.contains(branch.id())) {
        missing.add(
            new BranchAdded(
                branch.id(), origin.source(), origin.offset(), origin.by(), origin.at()));
      }
    }
    return missing;
  }

  /**
   * Checks a command. Changes nothing: what is {@link Decision.Accepted} counts when it has been
   * stored and applied.
   */
  public Decision decide(Command command, long nowMillis) {
    return switch (command) {
      case Command.OfConversation of -> new ConversationRules(this, limits, nowMillis).decide(of);
      case Command.OfTurns of -> new TurnRules(this, limits, nowMillis).decide(of);
      case Command.OfReply of -> new ReplyRules(this, limits, nowMillis).decide(of);
      case Command.OfLease of -> new LeaseRules(this, limits, nowMillis).decide(of);
    };
  }

  /** Applies what was stored for a decision. */
  public void apply(Decision.Accepted accepted) {
    long offset = accepted.tail();
    for (ConversationEvent event : accepted.events()) {
      apply(accepted.branch(), ++offset, event);
    }
  }

  /**
   * Takes in an event of a branch's stream. Never fails: an event that was seen before, that this
   * version does not know, or that makes no sense where it stands changes nothing but the tail.
   *
   * @param offset where it stands in the stream
   */
  public void apply(String branchId, long offset, ConversationEvent event) {
    Branch branch = branches.computeIfAbsent(branchId, id -> new Branch(this, id));
    if (offset <= branch.tail()) {
      return;
    }
    branch.advance(offset);
    switch (event) {
      case Created it -> created(branch, offset, it);
      case Renamed it -> {
        if (isWhole(branch)) {
          title = it.title();
        }
      }
      case Archived _ -> archived |= isWhole(branch);
      case Restored _ -> archived &= !isWhole(branch);
      case Deleted it -> {
        if (isWhole(branch) && deletedBy == null) {
          deletedBy = it.by();
        }
      }
      case MemberJoined it -> {
        if (isWhole(branch)) {
          members.put(it.person(), it.role());
        }
      }
      case MemberLeft it -> {
        if (isWhole(branch)) {
          members.remove(it.person());
        }
      }
      case BranchAdded it -> {
        if (isWhole(branch)) {
          announced.add(it.branch());
        }
      }
      case BranchedOff it -> {
        if (branch.origin() == null && !branchId.equals(MAIN)) {
          branch.branchOff(it, branches.get(it.source()));
        }
      }
      case TurnAdded it -> added(branch, offset, it);
      case PersonaSwitched it -> branch.switchTo(it.persona(), offset);
      case ReadUpTo it -> branch.read(it.person(), it.offset());
      case RunRequested it -> requested(branch, it);
      case RunStarted it -> {
        Run run = runs.get(it.run());
        if (run != null && run.branch() == branch && run.queued() && branch.idle()) {
          run.started(it.persona(), it.lease(), offset);
          branch.start(run);
        }
      }
      case RunStreaming it -> {
        Run run = running(branch, it.run());
        if (run != null) {
          run.streaming();
        }
      }
      case RunSteered it -> {
        Run run = running(branch, it.run());
        if (run != null) {
          run.steered(offset);
        }
      }
      case RunLeased it -> {
        Run run = running(branch, it.run());
        if (run != null) {
          run.leased(it.lease(), it.how());
        }
      }
      case RunStopped it ->
          end(branch, offset, it.run(), new RunState.Stopped(it.by()), Usage.NONE, it.at());
      case RunFinished it ->
          end(branch, offset, it.run(), new RunState.Finished(it.reason()), it.usage(), it.at());
      case RunFailed it ->
          end(branch, offset, it.run(), new RunState.Failed(it.failure()), it.usage(), it.at());
      case ToolCalled it -> {
        Run run = running(branch, it.run());
        if (run != null && !run.knows(it.call())) {
          run.called(it.call(), it.name(), it.needsApproval());
        }
      }
      case ToolApproved it -> {
        Run run = running(branch, it.run());
        if (run != null) {
          run.approved(it.call());
        }
      }
      case ToolDenied it ->
          settle(branch, offset, it.run(), it.call(), Transcript.denied(it.reason()), it.at());
      case ToolReturned it -> settle(branch, offset, it.run(), it.call(), it.json(), it.at());
      case Unknown _ -> {}
    }
  }

  /** Whether a name of a turn is taken, also by a message that waits. */
  public boolean hasTurn(String turn) {
    return turnIds.contains(turn);
  }

  /** What became of a message of a client, {@code null} when it is new. */
  Decision.@Nullable Unchanged seen(String person, @Nullable String clientMessageId) {
    String turn = clientMessageId == null ? null : sent.get(new Sent(person, clientMessageId));
    if (turn == null) {
      return null;
    }
    for (Run run : runs.values()) {
      if (turn.equals(run.request().turn())) {
        return new Decision.Unchanged(turn, run.id());
      }
    }
    return new Decision.Unchanged(turn, null);
  }

  /** What concerns the conversation as a whole counts in the main branch alone. */
  private boolean isWhole(Branch branch) {
    return created != null && branch.id().equals(MAIN);
  }

  private void created(Branch branch, long offset, Created it) {
    if (created == null && branch.id().equals(MAIN)) {
      created = it;
      title = it.title();
      members.put(it.by(), Role.OWNER);
      branch.switchTo(it.persona(), offset);
    }
  }

  private void added(Branch branch, long offset, TurnAdded it) {
    branch.add(new Turn(it.turn(), it.author(), it.ai(), it.parts(), it.run(), offset, it.at()));
    turnIds.add(it.turn());
    if (it.author() instanceof Author.Person(String person)) {
      remember(person, it.clientMessageId(), it.turn());
    } else if (it.run() != null) {
      Run run = running(branch, it.run());
      if (run != null) {
        run.said();
      }
    }
  }

  private void requested(Branch branch, RunRequested it) {
    Message waiting = it.waiting();
    if (waiting != null) {
      turnIds.add(waiting.turn());
      remember(it.by(), waiting.clientMessageId(), waiting.turn());
    }
    if (!runs.containsKey(it.run())) {
      Run run = new Run(branch, it);
      runs.put(it.run(), run);
      branch.queue(run, it.ahead());
    }
  }

  private void settle(Branch branch, long offset, String runId, String call, String json, long at) {
    Run run = running(branch, runId);
    if (run == null || !run.knows(call) || run.settled(call)) {
      return;
    }
    branch.add(
        new Turn(
            run.nextTurn(),
            new Author.Tool(run.toolName(call)),
            false,
            List.of(new TurnPart.ToolResult(call, json)),
            runId,
            offset,
            at));
    turnIds.add(run.nextTurn());
    run.said();
    run.settle(call);
  }

  private void end(Branch branch, long offset, String runId, RunState how, Usage usage, long at) {
    Run run = runs.get(runId);
    if (run != null && run.branch() == branch && !run.ended()) {
      run.ended(how, usage, offset, at);
      branch.end(run);
    }
  }

  /** The run of this name if it holds this branch. */
  private @Nullable Run running(Branch branch, String run) {
    Run found = runs.get(run);
    return found != null && found.branch() == branch && found.holdsBranch() ? found : null;
  }

  private void remember(String person, @Nullable String clientMessageId, String turn) {
    if (clientMessageId != null) {
      sent.putIfAbsent(new Sent(person, clientMessageId), turn);
    }
  }
}
