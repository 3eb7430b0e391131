package dev.parley.conversation.limit;

import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The replies that may run at once, and the queue for them; whose turn it is {@link Turns} knows.
 * Safe on any thread: one short lock, which no listener is called under.
 */
public final class Slots {
  private final String provider;
  private final SlotsConfig config;
  private final ScheduledExecutorService timer;
  private final Object lock = new Object();

  // All guarded by lock.
  private final Turns turns;
  private int running;
  private int waiting;
  private long granted;
  private long refused;
  private long number;
  private boolean telling; // or resting after it
  private boolean moved; // since places were told

  /**
   * The slots of one provider.
   *
   * @param provider its name, for refusals
   * @param timer tells places; at most one task of it is under way
   */
  public Slots(String provider, SlotsConfig config, ScheduledExecutorService timer) {
    this.provider = provider;
    this.config = config;
    this.timer = timer;
    this.turns = new Turns(config.runningPerUser());
  }

  /**
   * Asks for a slot.
   *
   * @param executor what the listener is called on: the loop of who asks
   * @return a ticket, to be released in any case, or why there is none
   */
  public Admission acquire(String user, Priority priority, Executor executor, Waiting listener) {
    Ticket ticket;
    List<Ticket> starting;
    synchronized (lock) {
      Line line = turns.line(user);
      boolean waits = running >= config.running() || line.running >= config.runningPerUser();
      if (waits && (waiting >= config.waiting() || line.waits >= config.waitingPerUser())) {
        refused++;
        turns.forget(line);
        return new Admission.Refused(
            Failure.of(Code.QUEUE_FULL, provider + ": too many wait for a reply already"));
      }
      ticket = new Ticket(this, line, priority, ++number, executor, listener);
      turns.add(ticket);
      waiting++;
      moved = true;
      starting = start();
    }
    after(starting);
    return ticket;
  }

  void release(Ticket ticket) {
    after(free(ticket));
  }

  /** Returns who starts instead. */
  private List<Ticket> free(Ticket ticket) {
    synchronized (lock) {
      Ticket.State before = ticket.state;
      ticket.state = Ticket.State.RELEASED;
      switch (before) {
        case WAITING -> {
          turns.remove(ticket);
          waiting--;
        }
        case GRANTED -> {
          turns.ended(ticket);
          running--;
        }
        case RELEASED -> {
          return List.of();
        }
      }
      moved = true;
      return start();
    }
  }

  private List<Ticket> start() {
    List<Ticket> starting = new ArrayList<>(1);
    while (running < config.running()) {
      Ticket next = turns.next();
      if (next == null) {
        break;
      }
      next.state = Ticket.State.GRANTED;
      waiting--;
      running++;
      granted++;
      starting.add(next);
    }
    return starting;
  }

  /** Those whose executor has gone will not start: others take their slots. */
  private void after(List<Ticket> starting) {
    Deque<Ticket> grants = new ArrayDeque<>(starting);
    for (Ticket ticket = grants.poll(); ticket != null; ticket = grants.poll()) {
      if (!ticket.grant()) {
        grants.addAll(free(ticket));
      }
    }
    synchronized (lock) {
      if (telling || !moved || waiting == 0) {
        return; // if places were told a moment ago, it is done later
      }
      telling = true;
    }
    run(() -> timer.execute(this::tell));
  }

  /** Everybody's place in one go, however many moves it took to get there. */
  private void tell() {
    List<Ticket> order;
    synchronized (lock) {
      if (!moved || waiting == 0) {
        telling = false;
        return;
      }
      moved = false;
      order = turns.order();
    }
    for (int i = 0; i < order.size(); i++) {
      order.get(i).tell(i + 1);
    }
    run(() -> {
      var _ = timer.schedule(this::tell, config.tellEvery().toNanos(), TimeUnit.NANOSECONDS);
    });
  }

  /** Places are told to people: when the server shuts down nobody needs them. */
  private static void run(Runnable schedule) {
    try {
      schedule.run();
    } catch (RejectedExecutionException shuttingDown) {
      return;
    }
  }

  public SlotsStats stats() {
    synchronized (lock) {
      return new SlotsStats(running, waiting, granted, refused);
    }
  }

  /** Users who run or wait. */
  int users() {
    synchronized (lock) {
      return turns.users();
    }
  }
}
