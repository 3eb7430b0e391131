package dev.parley.wire.socketio;

import dev.parley.socketio.Ack;
import dev.parley.socketio.Arguments;
import dev.parley.wire.socketio.codec.Attachments;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket.Payload;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The arguments of one packet, kept as they came until someone asks for one. */
final class EventArguments implements Arguments {
  private static final Ack NO_ACK = args -> {};

  private final Values values;
  private final Payload payload;
  private final int skipped; // leading elements that are no arguments: the name of an event
  private final Ack ack;
  private volatile @Nullable List<JsonNode> nodes;

  private EventArguments(Values values, Payload payload, int skipped, Ack ack) {
    this.values = values;
    this.payload = payload;
    this.skipped = skipped;
    this.ack = ack;
  }

  static EventArguments ofEvent(Values values, Payload payload, @Nullable Ack ack) {
    return new EventArguments(values, payload, 1, ack == null ? NO_ACK : ack);
  }

  static EventArguments ofAnswer(Values values, Payload payload) {
    return new EventArguments(values, payload, 0, NO_ACK);
  }

  List<JsonNode> nodes() {
    List<JsonNode> read = nodes;
    if (read == null) {
      List<JsonNode> all = Attachments.reconstruct(values.json(), payload);
      read = List.copyOf(all.subList(skipped, all.size()));
      nodes = read;
    }
    return read;
  }

  List<Slice> attachments() {
    return payload.attachments();
  }

  /** The arguments as JSON with commas between, without brackets. */
  Slice elements() {
    Slice json = payload.json();
    int start = skipBlanks(json, json.indexOf((byte) '[', 0) + 1);
    if (skipped == 1) {
      start = skipBlanks(json, endOfName(json, start));
      start = json.at(start) == ',' ? skipBlanks(json, start + 1) : start;
    }
    int end = json.length() - 1;
    while (json.at(end) != ']') {
      end--;
    }
    return json.slice(start, end);
  }

  /** A name is a string or a number. */
  private static int endOfName(Slice json, int start) {
    int at = start;
    if (json.at(at) != '"') {
      while (json.at(at) != ',' && json.at(at) != ']') {
        at++;
      }
      return at;
    }
    for (at++; json.at(at) != '"'; at++) {
      if (json.at(at) == '\\') {
        at++;
      }
    }
    return at + 1;
  }

  private static int skipBlanks(Slice json, int start) {
    int at = start;
    while (json.at(at) == ' '
        || json.at(at) == '\t'
        || json.at(at) == '\n'
        || json.at(at) == '\r') {
      at++;
    }
    return at;
  }

  @Override
  public int size() {
    return nodes().size();
  }

  @Override
  public <T> @Nullable T get(int index, Class<T> type) {
    List<JsonNode> all = nodes();
    return index >= all.size() ? null : values.value("argument " + index, all.get(index), type);
  }

  @Override
  public List<@Nullable Object> toList() {
    List<@Nullable Object> list = new ArrayList<>();
    for (JsonNode node : nodes()) {
      list.add(values.value("argument", node, Object.class));
    }
    return Collections.unmodifiableList(list);
  }

  @Override
  public Ack ack() {
    return ack;
  }

  @Override
  public String toJson() {
    return "[" + elements() + "]";
  }

  @Override
  public String toString() {
    return toJson();
  }
}
