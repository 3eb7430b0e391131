package dev.parley.server;

import dev.parley.conversation.ConversationPaths;
import dev.parley.stream.Change;
import dev.parley.stream.Commit;
import dev.parley.stream.Store;
import dev.parley.telemetry.Family;
import dev.parley.telemetry.Labels;
import dev.parley.telemetry.Sample;
import dev.parley.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Counts runs by what is committed to their streams: each begins with one and ends with its last
 * message. Written on the store's commit thread, read on any.
 */
final class RunCount implements Store.CommitListener {
  private static final Set<String> ENDS = Set.of("finished", "stopped", "failed");
  private static final int MOST_KINDS = 64; // whoever may write to a run's stream can invent some
  private static final int LONGEST_END = 16 << 10;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final LongAdder started = new LongAdder();
  private final Map<End, LongAdder> ended = new ConcurrentHashMap<>();

  /** How runs end. The reason of a stop is a person, who is not counted. */
  private record End(String state, String reason) {}

  RunCount(Telemetry telemetry) {
    telemetry.show(
        Family.counter("parley_runs_started", "", "Runs asked for, those that wait included."),
        () -> List.of(new Sample(Labels.NONE, started.sum())));
    telemetry.show(
        Family.counter("parley_runs_ended", "", "Runs that ended, by how and why."), this::ends);
  }

  private List<Sample> ends() {
    return ended.entrySet().stream()
        .map(each ->
            new Sample(
                Labels.of("state", each.getKey().state(), "reason", each.getKey().reason()),
                each.getValue().sum()))
        .toList();
  }

  @Override
  public void onCommitted(List<Commit> commits) {
    for (Commit commit : commits) {
      Change change = commit.change();
      if (change.path().value().startsWith(ConversationPaths.RUNS)) {
        switch (change.kind()) {
          case CREATED -> started.increment();
          case CLOSED -> onClosed(commit);
          case APPENDED, DELETED, TRIMMED -> {}
        }
      }
    }
  }

  private void onClosed(Commit commit) {
    byte[] last = commit.messages().isEmpty() ? new byte[0] : commit.messages().getLast().bytes();
    if (last.length == 0 || last.length > LONGEST_END) {
      return;
    }
    JsonNode end;
    try {
      end = JSON.readTree(last);
    } catch (JacksonException e) {
      return; // somebody else's
    }
    String state = end.path("state").asString("");
    if (ENDS.contains(state)) {
      String reason = state.equals("stopped") ? "" : end.path("reason").asString("");
      End kind = new End(state, reason);
      if (ended.size() >= MOST_KINDS && !ended.containsKey(kind)) {
        kind = new End(state, "other");
      }
      ended.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    }
  }
}
