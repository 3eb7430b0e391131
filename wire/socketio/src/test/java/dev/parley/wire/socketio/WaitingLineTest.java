package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.socketio.SlowPolicy;
import dev.parley.wire.socketio.codec.CodecLimits;
import dev.parley.wire.socketio.codec.PayloadJson;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is left of what waits. */
final class WaitingLineTest {
  private final Values values = new Values(new PayloadJson(CodecLimits.DEFAULT));
  private final BackPressure counters = new BackPressure();
  private final WaitingLine line = new WaitingLine(values, counters);
  private long number;

  private void add(List<SlowRule> rules, String room, Object argument) {
    SocketPacket.Event event =
        new SocketPacket.Event("/", "e", SocketPacket.NO_ACK, values.event("e", argument));
    line.add(
        ++number,
        Delivery.of(event, true, false)
            .treated(SlowRule.treatment(rules, room.isEmpty() ? Set.of() : Set.of(room), values)));
  }

  private static List<SlowRule> rule(String rooms, SlowPolicy policy) {
    return List.of(new SlowRule(rooms, policy));
  }

  private List<String> sent() {
    List<String> sent = new ArrayList<>();
    for (Delivery next = line.poll(); next != null; next = line.poll()) {
      sent.add(((SocketPacket.Event) next.packet()).payload().json().toString());
    }
    return sent;
  }

  @Test
  void withoutAPolicyAllWaitInOrder() {
    add(List.of(), "a", 1);
    add(rule("a", SlowPolicy.lossless()), "a", 2);
    add(List.of(), "", 3);
    assertThat(sent()).containsExactly("[\"e\",1]", "[\"e\",2]", "[\"e\",3]");
    assertThat(counters.stats()).isEqualTo(new BackPressureStats(0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void theNewestOfARoomTakesItsPlaceAtTheEnd() {
    List<SlowRule> rules = rule("price-*", SlowPolicy.latest());
    add(rules, "price-a", 1);
    add(rules, "price-b", 2);
    add(rules, "other", 3);
    add(rules, "price-a", 4);
    assertThat(sent()).containsExactly("[\"e\",2]", "[\"e\",3]", "[\"e\",4]");
    assertThat(counters.stats().conflated()).isEqualTo(1);
  }

  @Test
  void theKeyIsAFieldOfTheFirstArgument() {
    List<SlowRule> rules = rule("", SlowPolicy.latestBy("/symbol"));
    add(rules, "", Map.of("symbol", 1));
    add(rules, "", Map.of("symbol", "1"));
    add(rules, "", "no object");
    add(rules, "", Map.of("symbol", 1));
    add(rules, "", Map.of("other", 1));
    assertThat(sent())
        .containsExactly(
            "[\"e\",{\"symbol\":\"1\"}]", "[\"e\",{\"symbol\":1}]", "[\"e\",{\"other\":1}]");
    assertThat(counters.stats().conflated()).isEqualTo(2);
  }

  @Test
  void theOldestGoAndTheClientHearsHowMany() {
    List<SlowRule> rules = rule("a", SlowPolicy.dropOldest(2, 1000));
    for (int i = 1; i <= 5; i++) {
      add(rules, "a", i);
      add(List.of(), "b", "b" + i);
    }
    assertThat(sent())
        .containsExactly(
            "[\"e\",\"b1\"]",
            "[\"e\",\"b2\"]",
            "[\"e\",\"b3\"]",
            "[\"parley:gap\",{\"room\":\"a\",\"missed\":3}]",
            "[\"e\",4]",
            "[\"e\",\"b4\"]",
            "[\"e\",5]",
            "[\"e\",\"b5\"]");
    assertThat(counters.stats()).isEqualTo(new BackPressureStats(0, 3, 0, 1, 0, 0, 0, 0));
  }

  @Test
  void aGapOfAWholeNamespaceNamesNoRoom() {
    List<SlowRule> rules = rule("", SlowPolicy.dropOldest(1, 1000));
    add(rules, "a", 1);
    add(rules, "b", 2);
    assertThat(sent()).containsExactly("[\"parley:gap\",{\"missed\":1}]", "[\"e\",2]");
  }

  @Test
  void bytesAreABoundTooButTheNewestStays() {
    List<SlowRule> rules = rule("", SlowPolicy.dropOldest(100, 100));
    add(rules, "", "x".repeat(60));
    add(rules, "", "y".repeat(60));
    add(rules, "", "z".repeat(600));
    assertThat(sent())
        .containsExactly("[\"parley:gap\",{\"missed\":2}]", "[\"e\",\"" + "z".repeat(600) + "\"]");
  }

  @Test
  void ofAllThatIsAddedEachIsSentOnceOrCountedAndMemoryIsBounded() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<SlowRule> rules =
        List.of(
            new SlowRule("latest", SlowPolicy.latestBy("/k")),
            new SlowRule("drop", SlowPolicy.dropOldest(10, 2_000)));
    long missed = 0;
    int sent = 0;
    long last = 0;
    int added = 20_000;
    for (int i = 1; i <= added; i++) {
      boolean latest = random.nextBoolean();
      add(rules, latest ? "latest" : "drop", Map.of("k", random.nextInt(20), "n", i));
      assertThat(line.bytes()).as("seed %d", seed).isLessThan(30 * 200);
      for (int n = i == added ? 1_000 : random.nextInt(20) - 18; n > 0; n--) {
        Delivery next = line.poll();
        if (next == null) {
          break;
        }
        var event = (SocketPacket.Event) next.packet();
        var told = EventArguments.ofEvent(values, event.payload(), null).nodes().getFirst();
        if (event.name().equals("parley:gap")) {
          missed += told.get("missed").longValue();
        } else {
          sent++;
          assertThat(told.get("n").longValue()).as("seed %d", seed).isGreaterThan(last);
          last = told.get("n").longValue();
        }
      }
    }
    BackPressureStats stats = counters.stats();
    assertThat(line.isEmpty()).isTrue();
    assertThat(line.bytes()).isZero();
    assertThat(stats.dropped()).as("seed %d", seed).isEqualTo(missed);
    assertThat(sent + stats.dropped() + stats.conflated()).as("seed %d", seed).isEqualTo(added);
  }
}
