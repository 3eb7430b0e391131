package dev.parley.wire.socketio;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one room, by the event loop they live on, so that a broadcast is one task per
 * loop. Guarded by the lock of its namespace; arrays handed out are never changed.
 */
final class Room {
  /** One socket's place in one room. */
  static final class Membership {
    final Room room;
    final ClientSocket socket;

    /** What was kept up to this position was before it joined. */
    long since;

    private int place;

    private Membership(Room room, ClientSocket socket, long since) {
      this.room = room;
      this.socket = socket;
      this.since = since;
    }
  }

  /** Those of one event loop at one moment; never changed. */
  static final class Crowd {
    private final Lane lane;
    private final @Nullable Membership[] members;
    private final int size;

    private Crowd(Members members) {
      this.lane = members.lane;
      this.members = members.array;
      this.size = members.size;
    }

    Lane lane() {
      return lane;
    }

    int size() {
      return size;
    }

    ClientSocket socket(int index) {
      return Objects.requireNonNull(members[index]).socket;
    }
  }

  private static final class Members {
    final Lane lane;
    @Nullable Membership[] array = new Membership[1];
    int size;
    boolean handedOut;

    Members(Lane lane) {
      this.lane = lane;
    }

    void own(int capacity) {
      if (handedOut || capacity > array.length) {
        array = Arrays.copyOf(array, Math.max(capacity, array.length));
        handedOut = false;
      }
    }
  }

  final String name;
  private final List<Members> lanes = new ArrayList<>(2);

  Room(String name) {
    this.name = name;
  }

  Membership join(ClientSocket socket, Lane lane, long since) {
    Membership membership = new Membership(this, socket, since);
    add(membership, lane);
    return membership;
  }

  void leave(Membership membership, Lane lane) {
    Members members = of(lane);
    members.own(members.size);
    Membership last = Objects.requireNonNull(members.array[--members.size]);
    members.array[membership.place] = last;
    last.place = membership.place;
    members.array[members.size] = null;
    if (members.size == 0) {
      lanes.remove(members);
    } else if (members.size < members.array.length / 4) {
      members.array = Arrays.copyOf(members.array, members.array.length / 2);
    }
  }

  void move(Membership membership, Lane from, Lane to) {
    leave(membership, from);
    add(membership, to);
  }

  private void add(Membership membership, Lane lane) {
    Members members = of(lane);
    int needed = members.size + 1;
    members.own(needed <= members.array.length ? needed : members.size + (members.size >> 1) + 1);
    membership.place = members.size;
    members.array[members.size++] = membership;
  }

  private Members of(Lane lane) {
    for (Members members : lanes) {
      if (members.lane == lane) {
        return members;
      }
    }
    Members members = new Members(lane);
    lanes.add(members);
    return members;
  }

  boolean isEmpty() {
    return lanes.isEmpty();
  }

  int size() {
    int size = 0;
    for (Members members : lanes) {
      size += members.size;
    }
    return size;
  }

  List<ClientSocket> some(int most, Set<ClientSocket> except) {
    List<ClientSocket> some = new ArrayList<>(most);
    for (Crowd crowd : crowds()) {
      for (int i = 0; i < crowd.size() && some.size() < most; i++) {
        if (!except.contains(crowd.socket(i))) {
          some.add(crowd.socket(i));
        }
      }
    }
    return some;
  }

  /** All of them, for use without the lock. */
  List<Crowd> crowds() {
    List<Crowd> crowds = new ArrayList<>(lanes.size());
    for (Members members : lanes) {
      members.handedOut = true;
      crowds.add(new Crowd(members));
    }
    return crowds;
  }
}
