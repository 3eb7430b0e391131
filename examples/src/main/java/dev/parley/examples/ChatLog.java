package dev.parley.examples;

import dev.parley.hub.Hub;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What was said, one stream per room. Safe on any thread; its methods wait for the disk. */
final class ChatLog {
  static final String STREAMS = "chat/";
  private static final String JSON = "application/json";
  private static final int LATEST = 200;
  private static final int LATEST_BYTES = 1 << 20;

  private final JsonMapper mapper = JsonMapper.builder().build();
  private final InstantSource clock = InstantSource.system();
  private final CompletableFuture<Hub> hub = new CompletableFuture<>();

  /**
   * One thing somebody said.
   *
   * @param key the same wherever it is seen
   * @param at milliseconds since the Unix epoch
   */
  record Line(String key, String room, String name, String text, long at) {}

  /** Clients may come before the server has started; they wait for this. */
  void open(Hub opened) {
    hub.complete(opened);
  }

  /** What was said last in a room, oldest first. */
  List<Line> latest(String room) {
    StreamPath path = StreamPath.of(STREAMS + room);
    Optional<StreamInfo> info = hub.join().head(path).join();
    if (info.isEmpty()) {
      return List.of();
    }
    long after = Math.max(0, info.get().tail() - LATEST);
    return hub.join().read(path, after, LATEST, LATEST_BYTES).join().stream()
        .flatMap(slice -> slice.messages().stream())
        .map(message -> mapper.readValue(message.bytes(), Line.class))
        .toList();
  }

  /**
   * Adds a line and returns when it would survive a crash. The stream knows who has said how much,
   * so a line that is sent again is not added again. Gives the reason when it is refused.
   */
  @Nullable String add(String room, String from, long n, String name, String text) {
    Line line = new Line(from + "." + n, room, name, text, clock.millis());
    Append append =
        new Append(
            List.of(new Payload(mapper.writeValueAsBytes(line), Map.of(), null)),
            JSON,
            new ProducerStamp(from, 0, n),
            null,
            -1,
            false);
    StreamPath path = StreamPath.of(STREAMS + room);
    AppendResult result = hub.join().append(path, append).join();
    if (result instanceof AppendResult.Missing) {
      hub.join().create(path, StreamSpec.of(JSON)).join();
      result = hub.join().append(path, append).join();
    }
    boolean there =
        result instanceof AppendResult.Appended || result instanceof AppendResult.Duplicate;
    return there ? null : "not taken: " + result;
  }
}
