package dev.parley.conversation.request;

import dev.parley.conversation.run.ConversationIndex;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who looks at which conversation now, by whatever wire, and who types: nothing of it is stored.
 * Safe on any thread.
 */
public final class Rooms {
  private static final System.Logger LOG = System.getLogger(Rooms.class.getName());
  private static final long TYPING_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long GATHER_MILLIS = 20; // comings and goings that are told together

  /** One who looks at a conversation. */
  public interface Visitor {
    String conversation();

    /** Empty for one who reads everything and is nobody here. */
    String person();

    /** Whether others see that the person is there. */
    boolean present();

    /** Runs what is done later. */
    ScheduledExecutorService timer();

    /**
     * Hears, on any thread, of what is not stored.
     *
     * @param event {@code presence} or {@code typing}
     * @param data shared by all who hear of it
     */
    void tell(String event, ObjectNode data);

    /** On any thread: the person may have been told to leave. */
    void expel();
  }

  /** One conversation that somebody looks at. Guarded by the rooms. */
  private static final class Room {
    final Set<Visitor> visitors = new LinkedHashSet<>();
    final Map<String, Long> typing = new HashMap<>(); // until when, by person
    boolean told = true; // or it will be told who is here
  }

  private final Map<String, Room> rooms = new HashMap<>(); // guarded by this

  /**
   * @param index tells who has left
   */
  public Rooms(ConversationIndex index) {
    index.onLeft(this::expel);
  }

  public void join(Visitor visitor) {
    boolean tells;
    List<String> typing;
    synchronized (this) {
      Room room = rooms.computeIfAbsent(visitor.conversation(), _ -> new Room());
      room.visitors.add(visitor);
      tells = visitor.present() && room.told;
      if (visitor.present()) {
        room.told = false;
      }
      typing = List.copyOf(room.typing.keySet());
    }
    if (tells) {
      tellSoon(visitor);
    }
    if (visitor.present()) {
      for (String person : typing) {
        if (!person.equals(visitor.person())) {
          visitor.tell("typing", typing(person, true));
        }
      }
    }
  }

  public void leave(Visitor visitor) {
    boolean tells = false;
    synchronized (this) {
      Room room = rooms.get(visitor.conversation());
      if (room == null || !room.visitors.remove(visitor)) {
        return;
      }
      if (room.visitors.isEmpty()) {
        rooms.remove(visitor.conversation());
      } else if (visitor.present()) {
        tells = room.told;
        room.told = false;
      }
    }
    if (tells) {
      tellSoon(visitor);
    }
  }

  /** A person is no member any more. */
  void expel(String conversation, String person) {
    List<Visitor> theirs;
    synchronized (this) {
      Room room = rooms.get(conversation);
      theirs =
          room == null
              ? List.of()
              : room.visitors.stream().filter(each -> each.person().equals(person)).toList();
    }
    theirs.forEach(Visitor::expel);
  }

  /** A person types, or has stopped. Others hear of it when that is news. */
  public void typing(
      String conversation, String person, boolean types, ScheduledExecutorService timer) {
    long now = System.nanoTime();
    synchronized (this) {
      Room room = rooms.get(conversation);
      if (room == null) {
        return; // nobody would hear of it
      }
      boolean typed = room.typing.containsKey(person);
      if (types) {
        room.typing.put(person, now + TYPING_NANOS);
      } else {
        room.typing.remove(person);
      }
      if (types) {
        expireLater(conversation, person, timer);
      }
      if (typed == types) {
        return;
      }
    }
    send(others(conversation, person), "typing", typing(person, types));
  }

  private void expireLater(String conversation, String person, ScheduledExecutorService timer) {
    try {
      var _ =
          timer.schedule(() -> expire(conversation, person), TYPING_NANOS, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a loop ended while somebody typed");
    }
  }

  private void expire(String conversation, String person) {
    synchronized (this) {
      Room room = rooms.get(conversation);
      Long until = room == null ? null : room.typing.get(person);
      if (room == null || until == null || until - System.nanoTime() > 0) {
        return; // typed on: another timer looks after that
      }
      room.typing.remove(person);
    }
    send(others(conversation, person), "typing", typing(person, false));
  }

  private synchronized List<Visitor> others(String conversation, String person) {
    Room room = rooms.get(conversation);
    return room == null
        ? List.of()
        : room.visitors.stream()
            .filter(each -> each.present() && !each.person().equals(person))
            .toList();
  }

  private void tellSoon(Visitor visitor) {
    try {
      var _ =
          visitor
              .timer()
              .schedule(() -> tell(visitor.conversation()), GATHER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a loop ended before it was told who is here");
    }
  }

  private void tell(String conversation) {
    List<Visitor> present;
    synchronized (this) {
      Room room = rooms.get(conversation);
      if (room == null) {
        return;
      }
      room.told = true;
      present = room.visitors.stream().filter(Visitor::present).toList();
    }
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    ArrayNode people = data.putArray("people");
    present.stream().map(Visitor::person).distinct().forEach(people::add);
    send(present, "presence", data);
  }

  private static ObjectNode typing(String person, boolean types) {
    return JsonNodeFactory.instance.objectNode().put("person", person).put("typing", types);
  }

  private static void send(List<Visitor> visitors, String event, ObjectNode data) {
    visitors.forEach(visitor -> visitor.tell(event, data));
  }
}
