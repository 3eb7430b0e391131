package dev.parley.wire.openai;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A run as its requests see it: what does not change while it is generated, and what its
 * conversation remembers of it once its stream is gone. Immutable.
 *
 * @param createdAt in seconds since the Unix epoch
 * @param note what was remembered of the request; {@code {}} when another wire asked for it
 * @param callsTools whether whoever asked calls the tools
 * @param alone whether its conversation has no other run
 * @param remembered what its turns say; empty as long as it goes on
 */
record Answering(
    String run,
    String conversation,
    String model,
    long createdAt,
    JsonNode note,
    boolean callsTools,
    boolean alone,
    List<RunMessage> remembered) {
  Answering {
    remembered = List.copyOf(remembered);
  }

  /** Whether it may be asked for again. */
  boolean stored() {
    return note.path("store").asBoolean(true);
  }

  /** What a request said under a name, {@code null} for nothing. */
  @Nullable JsonNode echo(String name) {
    return note.path("echo").get(name);
  }
}
