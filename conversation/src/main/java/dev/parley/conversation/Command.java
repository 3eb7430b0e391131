package dev.parley.conversation;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants of a conversation; {@link Conversation#decide} answers it. Immutable. {@code
 * by} is the person who asks. Constructors throw {@link IllegalArgumentException} with a sentence
 * for the client.
 */
public sealed interface Command {
  /** Most characters of a title. */
  int MAX_TITLE = 200;

  /** Concerns the conversation as a whole. */
  sealed interface OfConversation extends Command {}

  /** Says something, or changes how it goes on. */
  sealed interface OfTurns extends Command {}

  /** A person's word about a reply. */
  sealed interface OfReply extends Command {}

  /** From whoever generates a run, under its lease. */
  sealed interface OfLease extends Command {
    String run();
  }

  record Create(String conversation, String by, String title, PersonaRef persona)
      implements OfConversation {
    public Create {
      Ids.chosen("conversation", conversation);
      Ids.foreign("by", by);
      requireTitle(title);
    }
  }

  record Rename(String by, String title) implements OfConversation {
    public Rename {
      requireTitle(title);
    }
  }

  record Archive(String by) implements OfConversation {}

  record Restore(String by) implements OfConversation {}

  record Delete(String by) implements OfConversation {}

  /** Also changes a member's role. */
  record AddMember(String by, String person, Role role) implements OfConversation {
    public AddMember {
      Ids.foreign("person", person);
    }
  }

  /** Everybody may remove themselves. */
  record RemoveMember(String by, String person) implements OfConversation {}

  /**
   * A reply is wanted.
   *
   * @param run its name
   * @param persona who is addressed, or {@code null} for whoever it is when the run starts
   * @param shown with {@link OnBusy#REPLACE}, all that the running reply has shown since its last
   *     turn; nothing may be shown after it
   * @param overrides what is asked of this reply alone, or {@code null} for nothing
   */
  record Ask(
      String run,
      @Nullable PersonaRef persona,
      OnBusy onBusy,
      List<TurnPart> shown,
      @Nullable Overrides overrides) {
    public Ask {
      Ids.chosen("run", run);
      shown = List.copyOf(shown);
    }

    public Ask(String run, @Nullable PersonaRef persona, OnBusy onBusy, List<TurnPart> shown) {
      this(run, persona, onBusy, shown, null);
    }

    public Ask(String run) {
      this(run, null, OnBusy.QUEUE, List.of());
    }
  }

  /**
   * A person says something.
   *
   * @param turn its name
   * @param clientMessageId sent again, the message is not said twice
   * @param ai whether a machine wrote it on the person's behalf
   * @param ask for a reply, or {@code null} to say it to the people
   */
  record Say(
      String by,
      String branch,
      String turn,
      @Nullable String clientMessageId,
      boolean ai,
      List<TurnPart> parts,
      @Nullable Ask ask)
      implements OfTurns {
    public Say {
      Ids.chosen("turn", turn);
      requireMessageId(clientMessageId);
      parts = List.copyOf(parts);
    }
  }

  /** Says a turn of one's own differently, in a new branch. */
  record Edit(
      String by,
      String source,
      String replaces,
      String branch,
      String turn,
      @Nullable String clientMessageId,
      boolean ai,
      List<TurnPart> parts,
      @Nullable Ask ask)
      implements OfTurns {
    public Edit {
      Ids.chosen("branch", branch);
      Ids.chosen("turn", turn);
      requireMessageId(clientMessageId);
      parts = List.copyOf(parts);
    }
  }

  /** Asks for another reply in place of one, in a new branch. */
  record Regenerate(String by, String source, String replaces, String branch, Ask ask)
      implements OfTurns {
    public Regenerate {
      Ids.chosen("branch", branch);
    }
  }

  /**
   * Tells what was said elsewhere, as it was: turns of one's own, those of personas (where nobody
   * else would take them for true), and what one's tools answered.
   */
  record Recount(String by, String branch, List<Told> turns) implements OfTurns {
    public Recount {
      turns = List.copyOf(turns);
    }
  }

  /**
   * A turn that is told.
   *
   * @param run that called the tool whose result this is, if it is one of this conversation
   */
  record Told(String turn, Author author, List<TurnPart> parts, @Nullable String run) {
    public Told {
      Ids.chosen("turn", turn);
      parts = List.copyOf(parts);
    }
  }

  record SwitchPersona(String by, String branch, PersonaRef persona) implements OfTurns {}

  record MarkRead(String by, String branch, long offset) implements OfTurns {}

  /** Asks for a reply to what is there, as after a failed one. */
  record Request(String by, String branch, Ask ask) implements OfReply {}

  /**
   * Says something into a running reply.
   *
   * @param shown all that the reply has shown since its last turn; nothing may be shown after it
   */
  record Steer(
      String by,
      String run,
      String turn,
      @Nullable String clientMessageId,
      boolean ai,
      List<TurnPart> parts,
      List<TurnPart> shown)
      implements OfReply {
    public Steer {
      Ids.chosen("turn", turn);
      requireMessageId(clientMessageId);
      parts = List.copyOf(parts);
      shown = List.copyOf(shown);
    }
  }

  /**
   * Ends a reply with what it has said, or withdraws one that waits, and its message.
   *
   * @param shown as in {@link Steer}
   */
  record Stop(String by, String run, List<TurnPart> shown) implements OfReply {
    public Stop {
      shown = List.copyOf(shown);
    }
  }

  record ApproveTool(String by, String run, String call) implements OfReply {}

  record DenyTool(String by, String run, String call, String reason) implements OfReply {
    public DenyTool {
      if (reason.length() > 1000) {
        throw new IllegalArgumentException(
            "reason: " + reason.length() + " characters (expected: <= 1000)");
      }
    }
  }

  /**
   * Begins to generate the next run of a branch.
   *
   * @param persona the newest version of {@link Conversation#personaFor}, or {@code null} for that
   */
  record Start(String run, @Nullable PersonaRef persona, Lease lease) implements OfLease {}

  /** The first of the reply is on its way to everybody. */
  record Stream(String run, String owner) implements OfLease {}

  /**
   * The model asks for tools.
   *
   * @param said all since its last turn, with a {@link TurnPart.ToolCall} for each call
   */
  record CallTools(String run, String owner, List<TurnPart> said, List<ToolUse> calls)
      implements OfLease {
    public CallTools {
      said = List.copyOf(said);
      calls = List.copyOf(calls);
      Set<String> asked = new HashSet<>();
      for (TurnPart part : said) {
        if (part instanceof TurnPart.ToolCall call) {
          asked.add(call.id());
        }
      }
      if (calls.isEmpty() || !calls.stream().allMatch(call -> asked.remove(call.call()))) {
        throw new IllegalArgumentException(
            "calls: " + calls + " (expected: at least one, each once and in what was said)");
      }
    }
  }

  /** One call of a tool, and whether a person has to approve it. */
  record ToolUse(String call, String name, boolean needsApproval) {
    public ToolUse {
      Ids.foreign("tool call id", call);
      Ids.foreign("tool name", name);
    }
  }

  record ReturnTool(String run, String owner, String call, String json) implements OfLease {}

  /**
   * The reply is complete.
   *
   * @param said all since its last turn
   */
  record Finish(String run, String owner, List<TurnPart> said, FinishReason reason, Usage usage)
      implements OfLease {
    public Finish {
      said = List.copyOf(said);
    }
  }

  /**
   * Ends a run for good, also one that still waits: then {@code owner} is not looked at.
   *
   * @param said all since its last turn
   */
  record Fail(String run, String owner, List<TurnPart> said, RunFailure failure, Usage usage)
      implements OfLease {
    public Fail {
      said = List.copyOf(said);
    }
  }

  record Renew(String run, Lease lease) implements OfLease {}

  /**
   * Takes up a run whose owner or upstream died.
   *
   * @param lease the new one
   * @param ownerGone whether the old owner is known to be dead, its lease not expired yet
   * @param shown all that the reply has shown since its last turn
   * @param continuable whether the provider can go on from a prefix
   * @param cause what the upstream died of, {@code null} when it was the owner
   */
  record TakeUp(
      String run,
      Lease lease,
      boolean ownerGone,
      List<TurnPart> shown,
      boolean continuable,
      @Nullable RunFailure cause)
      implements OfLease {
    public TakeUp {
      shown = List.copyOf(shown);
    }
  }

  private static void requireTitle(String title) {
    if (title.length() > MAX_TITLE || title.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "title: "
              + Ids.quoted(title)
              + " (expected: <= "
              + MAX_TITLE
              + " characters, no control characters)");
    }
  }

  private static void requireMessageId(@Nullable String clientMessageId) {
    if (clientMessageId != null) {
      Ids.foreign("client message id", clientMessageId);
    }
  }
}
