package dev.parley.wire.talk;

import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.EventJson;
import dev.parley.conversation.request.Rooms;
import dev.parley.hub.Follower;
import dev.parley.stream.Message;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.StreamFollower;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A branch or a run that a client follows. Confined to the loop of its guest, but for the visitor.
 */
final class Followed implements Rooms.Visitor, StreamFollower.Listener {
  private static final EventJson EVENTS = new EventJson();

  private final Guest guest;
  private final String conversation;
  private final String branch;
  private final @Nullable String run; // null for the branch
  private final boolean present;
  private final long known; // of a branch: the last offset of which the runs are known
  final StreamFollower follower;

  private Followed(
      Guest guest,
      String conversation,
      String branch,
      @Nullable String run,
      boolean present,
      long known) {
    this.guest = guest;
    this.conversation = conversation;
    this.branch = branch;
    this.run = run;
    this.present = present;
    this.known = known;
    this.follower =
        guest.follower(path(), run == null ? TalkEvents.OF_BRANCHES : TalkEvents.OF_RUNS, this);
  }

  static Followed branch(
      Guest guest, String conversation, String branch, boolean present, long known) {
    return new Followed(guest, conversation, branch, null, present, known);
  }

  static Followed run(Guest guest, String conversation, String branch, String run) {
    return new Followed(guest, conversation, branch, run, false, 0);
  }

  StreamPath path() {
    return run == null
        ? ConversationPaths.branch(conversation, branch)
        : ConversationPaths.run(run);
  }

  boolean isOf(String otherConversation, String otherBranch) {
    return conversation.equals(otherConversation) && branch.equals(otherBranch);
  }

  boolean isBranch() {
    return run == null;
  }

  /** Runs that are asked for while the branch is followed are followed too. */
  @Override
  public void onSent(List<Message> messages) {
    for (Message message : run == null ? messages : List.<Message>of()) {
      String asked = message.offset() > known ? requested(message) : null;
      if (asked != null) {
        guest.follow(Followed.run(guest, conversation, branch, asked), 0);
      }
    }
  }

  private static @Nullable String requested(Message message) {
    try {
      return EVENTS.read(message.bytes()) instanceof ConversationEvent.RunRequested requested
          ? requested.run()
          : null;
    } catch (IllegalArgumentException e) {
      return null; // somebody with the right to append wrote what is no event
    }
  }

  @Override
  public void onEnd(Follower.End end) {
    guest.forget(this);
    if (end != Follower.End.CLOSED) {
      guest.tellEnd(
          this,
          switch (end) {
            case CLOSED, DELETED -> "deleted";
            case TRIMMED -> "trimmed";
            case TOO_SLOW -> "too_slow";
            case FAILED -> "failed";
            case DRAINING -> "draining";
          });
    }
  }

  /** Puts where it is. */
  ObjectNode place(ObjectNode json) {
    json.put("conversation", conversation).put("branch", branch);
    return run == null ? json : json.put("run", run);
  }

  @Override
  public String conversation() {
    return conversation;
  }

  @Override
  public String person() {
    return guest.person();
  }

  @Override
  public boolean present() {
    return present;
  }

  @Override
  public ScheduledExecutorService timer() {
    return guest.timer();
  }

  @Override
  public void tell(String event, ObjectNode data) {
    guest.tell("conversation:" + event, data.deepCopy().put("conversation", conversation));
  }

  @Override
  public void expel() {
    guest.recheck(conversation);
  }
}
