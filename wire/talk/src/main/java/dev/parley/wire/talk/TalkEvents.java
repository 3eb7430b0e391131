package dev.parley.wire.talk;

import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.request.Words;
import dev.parley.stream.ContentTypes;
import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import dev.parley.wire.socketio.StreamEvents;
import dev.parley.wire.socketio.codec.Slice;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What clients hear of branches and runs: a message as it is stored, then where it stands. Words of
 * a reply that follow each other are one event. Stateless.
 */
enum TalkEvents implements StreamEvents {
  OF_BRANCHES {
    @Override
    public List<StreamEvent> of(StreamInfo stream, List<Message> messages) {
      String[] place = stream.path().value().split("/", -1);
      List<StreamEvent> events = new ArrayList<>(messages.size());
      for (Message message : isOurs(stream) ? messages : List.<Message>of()) {
        events.add(
            event(
                "conversation:event",
                List.of(message),
                "\"conversation\":\"" + place[1] + "\",\"branch\":\"" + place[2] + "\""));
      }
      return events;
    }
  },

  OF_RUNS {
    @Override
    public List<StreamEvent> of(StreamInfo stream, List<Message> messages) {
      String run = stream.path().value().substring(ConversationPaths.RUNS.length());
      List<StreamEvent> events = new ArrayList<>();
      int size = isOurs(stream) ? messages.size() : 0;
      for (int from = 0; from < size; ) {
        int to = Words.endOfRun(messages, from);
        events.add(event("run:event", messages.subList(from, to), "\"run\":\"" + run + "\""));
        from = to;
      }
      return events;
    }
  };

  /** Of another type somebody else has made it. */
  private static boolean isOurs(StreamInfo stream) {
    return ContentTypes.same(stream.contentType(), "application/json");
  }

  private static StreamEvent event(String name, List<Message> messages, String place) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    if (messages.size() == 1) {
      out.writeBytes(messages.getFirst().bytes());
    } else {
      Words.writeJoined(messages, out::write);
    }
    out.writeBytes(
        (",{" + place + ",\"offset\":" + messages.getLast().offset() + "}")
            .getBytes(StandardCharsets.US_ASCII));
    return new StreamEvent(name, Slice.of(out.toByteArray()));
  }
}
