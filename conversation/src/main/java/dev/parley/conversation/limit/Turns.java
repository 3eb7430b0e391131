package dev.parley.conversation.limit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is.
 *
 * <ol>
 *   <li>The more urgent come first. Among equals the users take turns, each with the ticket that
 *       came first; whoever has had a turn goes to the end.
 *   <li>Each eighth turn belongs to the user who has had none for longest, and to that user's
 *       oldest ticket, however urgent: nobody waits for ever behind the more urgent ones. With
 *       {@code n} users waiting before, a user's turn comes within {@code 8 (n + 1)}.
 *   <li>A user who runs as many as one may has no turn until one ends, and then goes to the end.
 * </ol>
 *
 * <p>Each step is of constant time, {@link #order()} is linear. Guarded by the lock of {@link
 * Slots}.
 */
final class Turns {
  static final int TURN_OF_THE_PATIENT = 8;

  private final int runningPerUser;
  private final Map<String, Line> lines = new LinkedHashMap<>(); // of those who run or wait
  private final Map<Priority, SequencedSet<Line>> turns = new EnumMap<>(Priority.class);
  private final SequencedSet<Line> patient = new LinkedHashSet<>(); // all of turns, longest first
  private int turn;

  Turns(int runningPerUser) {
    this.runningPerUser = runningPerUser;
    for (Priority priority : Priority.values()) {
      turns.put(priority, new LinkedHashSet<>());
    }
  }

  Line line(String user) {
    return lines.computeIfAbsent(user, Line::new);
  }

  void add(Ticket ticket) {
    Line line = ticket.line;
    line.waiting(ticket.priority).add(ticket);
    line.waits++;
    enter(line);
  }

  /** Whose turn it is, no longer waiting but running; null if nobody's. */
  @Nullable Ticket next() {
    if (patient.isEmpty()) {
      return null;
    }
    turn = (turn + 1) % TURN_OF_THE_PATIENT;
    Ticket ticket = turn == 0 ? patient.getFirst().oldest() : mostUrgent();
    Line line = ticket.line;
    take(ticket);
    line.running++;
    patient.remove(line);
    turns(ticket.priority).remove(line);
    if (line.running < runningPerUser) {
      enter(line);
    } else {
      turns.values().forEach(waiting -> waiting.remove(line));
    }
    return ticket;
  }

  private Ticket mostUrgent() {
    for (Priority priority : Priority.values()) {
      if (!turns(priority).isEmpty()) {
        return turns(priority).getFirst().waiting(priority).getFirst();
      }
    }
    throw new IllegalStateException("nobody waits");
  }

  /** Gives up waiting. */
  void remove(Ticket ticket) {
    take(ticket);
    forget(ticket.line);
  }

  private void take(Ticket ticket) {
    Line line = ticket.line;
    line.waiting(ticket.priority).remove(ticket);
    line.waits--;
    if (line.waiting(ticket.priority).isEmpty()) {
      turns(ticket.priority).remove(line);
    }
    if (line.waits == 0) {
      patient.remove(line);
    }
  }

  /** One that ran has ended. */
  void ended(Ticket ticket) {
    ticket.line.running--;
    enter(ticket.line);
    forget(ticket.line);
  }

  /** At the end of each turn it waits for and has no place in yet. */
  private void enter(Line line) {
    if (line.running >= runningPerUser || line.waits == 0) {
      return;
    }
    turns.forEach((priority, inTurn) -> {
      if (!line.waiting(priority).isEmpty()) {
        inTurn.add(line);
      }
    });
    patient.add(line);
  }

  void forget(Line line) {
    if (line.running == 0 && line.waits == 0) {
      lines.remove(line.user);
    }
  }

  /** All who wait in the order of their turns, as if nobody were patient or ran too many. */
  List<Ticket> order() {
    List<Ticket> order = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      SequencedSet<Line> inTurn = new LinkedHashSet<>(turns(priority));
      lines.values().stream()
          .filter(line -> !line.waiting(priority).isEmpty())
          .forEach(inTurn::add); // those who run too many now
      List<Iterator<Ticket>> round =
          inTurn.stream().map(line -> line.waiting(priority).iterator()).toList();
      while (!round.isEmpty()) {
        List<Iterator<Ticket>> further = new ArrayList<>();
        for (Iterator<Ticket> tickets : round) {
          order.add(tickets.next());
          if (tickets.hasNext()) {
            further.add(tickets);
          }
        }
        round = further;
      }
    }
    return order;
  }

  private SequencedSet<Line> turns(Priority priority) {
    return Objects.requireNonNull(turns.get(priority));
  }

  /** Users remembered. */
  int users() {
    return lines.size();
  }
}
