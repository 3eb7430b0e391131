package dev.parley.wire.socketio;

import dev.parley.socketio.SlowPolicy;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What one event means to those who do not keep up, found out when the first of them asks. Safe on
 * any thread.
 */
final class Treatment {
  private final SlowRule rule;
  private final String room;
  private final Values values;
  private volatile @Nullable String key; // computed once, or a few times alike

  Treatment(SlowRule rule, String room, Values values) {
    this.rule = rule;
    this.room = room;
    this.values = values;
  }

  SlowRule rule() {
    return rule;
  }

  /** Empty when the rule is for a whole namespace. */
  String room() {
    return room;
  }

  boolean disconnects() {
    return rule.policy() instanceof SlowPolicy.Disconnect;
  }

  /** What of an event with the policy {@code latest} is the same in those it replaces. */
  String key(SlowPolicy.Latest policy, Delivery delivery) {
    String known = key;
    if (known == null) {
      known = policy.key().isEmpty() ? "" : read(policy.key(), delivery);
      key = known;
    }
    return known;
  }

  /** The value as JSON, so that 1 and "1" differ; empty when there is none. */
  private String read(String pointer, Delivery delivery) {
    if (!(delivery.packet() instanceof SocketPacket.Event event)) {
      return "";
    }
    List<JsonNode> arguments = EventArguments.ofEvent(values, event.payload(), null).nodes();
    JsonNode found = arguments.isEmpty() ? null : arguments.getFirst().at(pointer);
    return found == null || found.isMissingNode() ? "" : found.toString();
  }
}
