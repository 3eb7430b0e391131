package dev.parley.wire.rest;

import dev.parley.transport.SharedFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who looks at which conversation now, and who types: nothing of it is stored. Safe on any thread.
 */
final class Rooms {
  private static final System.Logger LOG = System.getLogger(Rooms.class.getName());
  private static final long TYPING_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long GATHER_MILLIS = 20; // comings and goings that are told together

  /** One conversation that somebody looks at. Guarded by the rooms. */
  private static final class Room {
    final Set<SseAnswer> answers = new LinkedHashSet<>();
    final Map<String, Long> typing = new HashMap<>(); // until when, by person
    boolean told = true; // or it will be told who is here
  }

  private final Map<String, Room> rooms = new HashMap<>(); // guarded by this

  void join(SseAnswer answer) {
    boolean tells;
    List<String> typing;
    synchronized (this) {
      Room room = rooms.computeIfAbsent(answer.conversation(), _ -> new Room());
      room.answers.add(answer);
      tells = answer.present() && room.told;
      if (answer.present()) {
        room.told = false;
      }
      typing = List.copyOf(room.typing.keySet());
    }
    if (tells) {
      tellSoon(answer.conversation(), answer.loop());
    }
    if (answer.present()) {
      for (String person : typing) {
        if (!person.equals(answer.person())) {
          send(List.of(answer), typing(person, true));
        }
      }
    }
  }

  void leave(SseAnswer answer) {
    boolean tells = false;
    synchronized (this) {
      Room room = rooms.get(answer.conversation());
      if (room == null || !room.answers.remove(answer)) {
        return;
      }
      if (room.answers.isEmpty()) {
        rooms.remove(answer.conversation());
      } else if (answer.present()) {
        tells = room.told;
        room.told = false;
      }
    }
    if (tells) {
      tellSoon(answer.conversation(), answer.loop());
    }
  }

  /** A person is no member any more: what they follow of the conversation ends. */
  void expel(String conversation, String person) {
    List<SseAnswer> theirs;
    synchronized (this) {
      Room room = rooms.get(conversation);
      theirs =
          room == null
              ? List.of()
              : room.answers.stream().filter(each -> each.person().equals(person)).toList();
    }
    theirs.forEach(this::end);
  }

  /** Ends an answer from any thread. */
  void end(SseAnswer answer) {
    on(answer.loop(), answer::end);
  }

  /** A person types, or has stopped. Others hear of it when that is news. */
  void typing(String conversation, String person, boolean types, EventLoop timer) {
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
    send(others(conversation, person), typing(person, types));
  }

  private void expireLater(String conversation, String person, EventLoop timer) {
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
    send(others(conversation, person), typing(person, false));
  }

  private synchronized List<SseAnswer> others(String conversation, String person) {
    Room room = rooms.get(conversation);
    return room == null
        ? List.of()
        : room.answers.stream()
            .filter(each -> each.present() && !each.person().equals(person))
            .toList();
  }

  private void tellSoon(String conversation, EventLoop timer) {
    try {
      var _ = timer.schedule(() -> tell(conversation), GATHER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a loop ended before it was told who is here");
    }
  }

  private void tell(String conversation) {
    List<SseAnswer> present;
    synchronized (this) {
      Room room = rooms.get(conversation);
      if (room == null) {
        return;
      }
      room.told = true;
      present = room.answers.stream().filter(SseAnswer::present).toList();
    }
    ObjectNode data = Json.object();
    ArrayNode people = data.putArray("people");
    present.stream().map(SseAnswer::person).distinct().forEach(people::add);
    send(present, SseEncoder.passing("presence", data));
  }

  private static byte[] typing(String person, boolean types) {
    return SseEncoder.passing("typing", Json.object().put("person", person).put("typing", types));
  }

  /** Once per loop, for all answers there. */
  private static void send(List<SseAnswer> answers, byte[] event) {
    Map<EventLoop, List<SseAnswer>> byLoop = new LinkedHashMap<>();
    for (SseAnswer answer : answers) {
      byLoop.computeIfAbsent(answer.loop(), _ -> new ArrayList<>()).add(answer);
    }
    byLoop.forEach((loop, there) ->
        on(
            loop,
            () -> {
              SharedFrame frame = SharedFrame.of(Unpooled.wrappedBuffer(event));
              there.forEach(answer -> answer.tell(frame));
              frame.release();
            }));
  }

  private static void on(EventLoop loop, Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a loop ended, and the answers on it");
    }
  }
}
