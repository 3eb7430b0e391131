package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.codec.CodecLimits;
import dev.parley.wire.socketio.codec.PayloadJson;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BacklogTest {
  private static final Values VALUES = new Values(new PayloadJson(CodecLimits.DEFAULT));

  private static Backlog.Entry entry(long position, Set<String> rooms, Set<String> excepted) {
    var event =
        new SocketPacket.Event("/", "e", SocketPacket.NO_ACK, VALUES.event("e", "x".repeat(20)));
    return new Backlog.Entry(
        position, position, rooms, excepted, Delivery.kept(event, true, position));
  }

  private static List<Long> positions(@Nullable List<Backlog.Entry> entries) {
    return Objects.requireNonNull(entries).stream().map(Backlog.Entry::position).toList();
  }

  @Test
  void whatWasBeforeItBeganIsNotKnown() {
    Backlog backlog = new Backlog(1 << 20, 10);

    assertThat(backlog.missed(Map.of(Backlog.EVERYONE, 0L), 9, 100)).isNull();
    assertThat(backlog.missed(Map.of(Backlog.EVERYONE, 0L), 10, 100)).isEmpty();
  }

  @Test
  void aRoomBringsNothingFromBeforeItWasJoined() {
    Backlog backlog = new Backlog(1 << 20, 0);
    for (long position = 1; position <= 6; position++) {
      backlog.add(entry(position, Set.of(position % 2 == 0 ? "even" : "odd"), Set.of()));
    }

    assertThat(positions(backlog.missed(Map.of("even", 3L, "odd", 0L), 2, 100)))
        .containsExactly(3L, 4L, 5L, 6L);
    assertThat(positions(backlog.missed(Map.of("even", 4L, "odd", 9L), 0, 100)))
        .containsExactly(6L);
  }

  @Test
  void thePacketOfSeveralRoomsComesOnce() {
    Backlog backlog = new Backlog(1 << 20, 0);
    backlog.add(entry(1, Set.of("a", "b"), Set.of()));
    backlog.add(entry(2, Set.of("a", "b"), Set.of("me")));

    assertThat(positions(backlog.missed(Map.of("a", 0L, "b", 0L, "me", 0L), 0, 100)))
        .containsExactly(1L);
  }

  @Test
  void theOldestGoFirstAndAreKnownToBeMissing() {
    Backlog backlog = new Backlog(1_000, 0);
    for (long position = 1; position <= 100; position++) {
      backlog.add(entry(position, Set.of(), Set.of()));
    }

    assertThat(backlog.size()).isLessThan(5);
    assertThat(backlog.floor()).isEqualTo(100 - backlog.size());
    assertThat(backlog.missed(Map.of(Backlog.EVERYONE, 0L), backlog.floor() - 1, 9)).isNull();
    assertThat(backlog.missed(Map.of(Backlog.EVERYONE, 0L), backlog.floor(), 9))
        .hasSize(backlog.size());
    backlog.expire(101);
    assertThat(backlog.size()).isZero();
    assertThat(backlog.floor()).isEqualTo(100);
  }

  @Test
  void whatIsFoundLaterIsPutInItsPlaceOnce() {
    Backlog backlog = new Backlog(1 << 20, 0);
    backlog.add(entry(5, Set.of("a"), Set.of()));
    backlog.addEarlier(List.of(entry(2, Set.of("a"), Set.of()), entry(5, Set.of("a"), Set.of())));

    assertThat(positions(backlog.missed(Map.of("a", 0L), 0, 100))).containsExactly(2L, 5L);
  }

  @Test
  void missedPacketsAreThoseOfASimpleModelInChunksOfAnySize() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Backlog backlog = new Backlog(2_000 + random.nextInt(20_000), 0);
      List<Backlog.Entry> all = new ArrayList<>();
      long position = 0;
      for (int i = 0; i < random.nextInt(150); i++) {
        position += 1 + random.nextInt(3);
        Backlog.Entry entry = entry(position, some(random), some(random));
        all.add(entry);
        backlog.add(entry);
      }
      Map<String, Long> since = new HashMap<>();
      since.put(Backlog.EVERYONE, 0L);
      some(random).forEach(room -> since.put(room, (long) random.nextInt(200)));
      long after = backlog.floor() + random.nextInt(20);
      List<Long> expected = new ArrayList<>();
      for (Backlog.Entry entry : all) {
        Set<String> rooms = entry.rooms().isEmpty() ? Set.of(Backlog.EVERYONE) : entry.rooms();
        boolean mine =
            rooms.stream()
                .anyMatch(room -> since.containsKey(room) && since.get(room) < entry.position());
        if (entry.position() > after
            && mine
            && Collections.disjoint(entry.excepted(), since.keySet())) {
          expected.add(entry.position());
        }
      }

      assertThat(inChunks(backlog, since, after, 1 + random.nextInt(7)))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(expected);
    }
  }

  private static Set<String> some(Random random) {
    Set<String> some = new HashSet<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      some.add("r" + random.nextInt(5));
    }
    return some;
  }

  private static List<Long> inChunks(
      Backlog backlog, Map<String, Long> since, long after, int most) {
    List<Long> found = new ArrayList<>();
    long seen = after;
    while (true) {
      List<Backlog.Entry> chunk = backlog.missed(since, seen, most);
      if (chunk == null || chunk.isEmpty()) {
        return found;
      }
      found.addAll(positions(chunk));
      seen = chunk.getLast().position();
    }
  }
}
