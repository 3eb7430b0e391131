package dev.parley.wire.aisdk;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Chunks of a UI message in the making, each a JSON object; deltas of one part that follow each
 * other become one. Confined to whoever made it.
 */
final class Chunks {
  static final JsonMapper JSON = JsonMapper.builder().build();

  /** What of a message grows, and how its deltas look. */
  enum Kind {
    TEXT("text-delta\",\"id\":\"", "\",\"delta\":\""),
    REASONING("reasoning-delta\",\"id\":\"", "\",\"delta\":\""),
    INPUT("tool-input-delta\",\"toolCallId\":\"", "\",\"inputTextDelta\":\"");

    private final String beforeId;
    private final String beforeText;

    Kind(String beforeId, String beforeText) {
      this.beforeId = "{\"type\":\"" + beforeId;
      this.beforeText = beforeText;
    }
  }

  private final StringBuilder joined = new StringBuilder();
  private List<byte[]> done = new ArrayList<>(2);
  private Kind kind = Kind.TEXT; // of what is joined
  private String id = "";
  private boolean muted;
  private int bytes;

  /** What is added while it is muted is dropped. */
  void mute(boolean muted) {
    this.muted = muted;
  }

  static ObjectNode chunk(String type) {
    return JSON.createObjectNode().put("type", type);
  }

  void add(ObjectNode chunk) {
    if (!muted) {
      flush();
      keep(JSON.writeValueAsBytes(chunk));
    }
  }

  void add(String type) {
    add(chunk(type));
  }

  void delta(Kind of, String part, String text) {
    if (muted || text.isEmpty()) {
      return;
    }
    if (of != kind || !part.equals(id)) {
      flush();
      kind = of;
      id = part;
    }
    joined.append(text);
  }

  private void flush() {
    if (joined.isEmpty()) {
      return;
    }
    StringBuilder chunk = new StringBuilder(joined.length() + 64).append(kind.beforeId);
    JsonStringEncoder.getInstance().quoteAsString(id, chunk);
    chunk.append(kind.beforeText);
    JsonStringEncoder.getInstance().quoteAsString(joined, chunk);
    keep(chunk.append("\"}").toString().getBytes(StandardCharsets.UTF_8));
    joined.setLength(0);
  }

  private void keep(byte[] chunk) {
    done.add(chunk);
    bytes += chunk.length;
  }

  /** About how large it is. */
  int bytes() {
    return bytes + joined.length();
  }

  /** All of it; then it is empty. */
  List<byte[]> take() {
    flush();
    List<byte[]> taken = done;
    done = new ArrayList<>(2);
    bytes = 0;
    return taken;
  }
}
