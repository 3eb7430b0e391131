package dev.parley.wire.socketio;

import dev.parley.socketio.SlowPolicy;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one slow client, in order of ascending numbers, less what policies take away. The
 * newest is never taken away. Confined to the loop of the client's connection.
 */
final class WaitingLine {
  static final String GAP = "parley:gap";
  private static final int COST = 64; // of an entry, beside the bytes that others share

  /** Those of one namespace that one rule holds for, in one room. */
  private record Place(String namespace, SlowRule rule, String room) {}

  /** What of one place waits and has gone. */
  private static final class Group {
    final Map<String, Long> newest = new HashMap<>(); // of latest: numbers by key
    final ArrayDeque<Long> oldest = new ArrayDeque<>(); // of drop-oldest: numbers
    long bytes;
    long missed;
  }

  private final Values values;
  private final BackPressure counters;
  private final LinkedHashMap<Long, Delivery> waiting = new LinkedHashMap<>();
  private final Map<Place, Group> groups = new HashMap<>();
  private long bytes;
  private long first = -1;
  private long last = -1;

  WaitingLine(Values values, BackPressure counters) {
    this.values = values;
    this.counters = counters;
  }

  /** Takes in what comes after all before, and lets go what its policy says. */
  void add(long number, Delivery delivery) {
    if (first < 0) {
      first = number;
    }
    last = number;
    waiting.put(number, delivery);
    bytes += cost(delivery);
    Treatment treatment = delivery.treatment();
    if (treatment == null) {
      return;
    }
    switch (treatment.rule().policy()) {
      case SlowPolicy.Latest latest -> {
        Long replaced =
            group(delivery, treatment).newest.put(treatment.key(latest, delivery), number);
        if (replaced != null) {
          take(replaced);
          counters.conflated();
        }
      }
      case SlowPolicy.DropOldest most -> {
        Group group = group(delivery, treatment);
        group.oldest.add(number);
        group.bytes += delivery.bytes();
        while (group.oldest.size() > most.maxEvents()
            || (group.bytes > most.maxBytes() && group.oldest.size() > 1)) {
          group.bytes -= take(group.oldest.remove()).bytes();
          group.missed++;
          counters.dropped();
        }
      }
      case SlowPolicy.Lossless _, SlowPolicy.Disconnect _ -> {}
    }
  }

  private Group group(Delivery delivery, Treatment treatment) {
    return groups.computeIfAbsent(place(delivery, treatment), _ -> new Group());
  }

  private static Place place(Delivery delivery, Treatment treatment) {
    return new Place(delivery.packet().namespace(), treatment.rule(), treatment.room());
  }

  private Delivery take(long number) {
    Delivery taken = waiting.remove(number);
    if (taken == null) {
      throw new IllegalStateException("number " + number + ": not in the line");
    }
    bytes -= cost(taken);
    return taken;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** What is held here, about. */
  long bytes() {
    return bytes;
  }

  /** The number of the first in it, which is not empty. */
  long next() {
    return waiting.firstEntry().getKey();
  }

  /** Whether it has taken in what had this number, and so has sent it or let it go. */
  boolean hasTaken(long number) {
    return number >= first && number <= last;
  }

  /** The next to be sent; where some are missing, first the word of it. */
  @Nullable Delivery poll() {
    Map.Entry<Long, Delivery> entry = waiting.firstEntry();
    if (entry == null) {
      return null;
    }
    Delivery delivery = entry.getValue();
    Treatment treatment = delivery.treatment();
    Group group = treatment == null ? null : groups.get(place(delivery, treatment));
    if (treatment != null && group != null) {
      if (group.missed > 0) {
        Delivery gap = gap(delivery, treatment.room(), group.missed);
        group.missed = 0;
        counters.gap();
        return gap;
      }
      leave(group, entry.getKey(), delivery, treatment);
    }
    return take(entry.getKey());
  }

  private void leave(Group group, Long number, Delivery delivery, Treatment treatment) {
    switch (treatment.rule().policy()) {
      case SlowPolicy.Latest latest -> group.newest.remove(treatment.key(latest, delivery), number);
      case SlowPolicy.DropOldest _ -> {
        group.oldest.remove();
        group.bytes -= delivery.bytes();
      }
      case SlowPolicy.Lossless _, SlowPolicy.Disconnect _ -> {}
    }
    if (group.newest.isEmpty() && group.oldest.isEmpty()) {
      groups.remove(place(delivery, treatment));
    }
  }

  private Delivery gap(Delivery before, String room, long missed) {
    Map<String, Object> told = new LinkedHashMap<>();
    if (!room.isEmpty()) {
      told.put("room", room);
    }
    told.put("missed", missed);
    return Delivery.of(
        new SocketPacket.Event(
            before.packet().namespace(), GAP, SocketPacket.NO_ACK, values.event(GAP, told)),
        true,
        false);
  }

  private static int cost(Delivery delivery) {
    return delivery.bytes() + COST;
  }
}
