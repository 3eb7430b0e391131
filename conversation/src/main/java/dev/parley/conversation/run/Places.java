package dev.parley.conversation.run;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.Run;
import dev.parley.conversation.limit.Admission;
import dev.parley.conversation.limit.Priority;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.limit.Ticket;
import dev.parley.conversation.limit.Waiting;
import dev.parley.conversation.provider.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The slots that the runs of one conversation have of their providers, and their places in the
 * queues for one. Confined to the loop of the conversation.
 */
final class Places {
  /** A slot, or a place in the queue for one. */
  private static final class Place {
    @Nullable Ticket ticket;
    boolean granted;
  }

  private final Desk desk;
  private final Talk talk;
  private final Map<String, Place> byRun = new HashMap<>();

  Places(Desk desk, Talk talk) {
    this.desk = desk;
    this.talk = talk;
  }

  boolean isEmpty() {
    return byRun.isEmpty();
  }

  /**
   * Runs {@code then} at once for a run that has a slot or needs none, else when it gets one.
   *
   * @param slots of its provider, {@code null} when that has no limit
   * @return why it will get none, else {@code null}
   */
  @Nullable Failure whenAdmitted(String run, @Nullable Slots slots, String user, Runnable then) {
    Place known = byRun.get(run);
    if (slots == null || (known != null && known.granted)) {
      then.run();
      return null;
    }
    if (known != null) {
      return null; // it waits
    }
    Place place = new Place();
    byRun.put(run, place);
    Waiting waiting =
        new Waiting() {
          @Override
          public void onPosition(int position) {
            if (byRun.get(run) == place) {
              tell(run, position);
            }
          }

          @Override
          public void onGranted() {
            place.granted = true;
            if (byRun.get(run) == place && talk.state() != null) {
              then.run(); // else Replies comes back to it when the conversation is read
            }
          }
        };
    return switch (slots.acquire(user, Priority.NORMAL, desk::execute, waiting)) {
      case Ticket ticket -> {
        place.ticket = ticket;
        yield null;
      }
      case Admission.Refused(Failure failure) -> {
        byRun.remove(run);
        yield failure;
      }
    };
  }

  /** Whoever follows the run sees its place. */
  void tell(String run, int position) {
    new Reply(talk, run).write(RunJson.queued(position));
  }

  /** Somebody else may have its slot, or its place in the queue. */
  void release(String run) {
    Place place = byRun.remove(run);
    if (place != null && place.ticket != null) {
      place.ticket.release();
    }
  }

  /** The conversation was read again: what has ended by it needs no slot. */
  void releaseEnded(Conversation state) {
    for (String id : List.copyOf(byRun.keySet())) {
      Run run = state.run(id);
      if (run == null || run.state().ended()) {
        release(id);
      }
    }
  }

  void releaseAll() {
    List.copyOf(byRun.keySet()).forEach(this::release);
  }
}
