package dev.parley.wire.aisdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class ReplyStateTest {
  private static final String HEAD =
      "{\"run\":\"r\",\"conversation\":\"c\",\"branch\":\"main\",\"ai\":true}";
  private static final String STARTING =
      "{\"state\":\"starting\",\"persona\":{\"id\":\"p\",\"version\":1},\"turn\":\"r.1\"}";
  private static final List<String> WITH_TOOLS =
      List.of(
          HEAD,
          STARTING,
          "{\"reasoning\":\"so\"}",
          "{\"text\":\"Let me \"}",
          "{\"text\":\"s\\\"ee\\n\"}",
          "{\"call\":0,\"id\":\"c\",\"name\":\"a\"}",
          "{\"call\":0,\"arguments\":\"{\\\"x\\\"\"}",
          "{\"call\":0,\"arguments\":\":1}\"}",
          "{\"call\":1,\"id\":\"c\",\"name\":\"b\"}",
          "{\"call\":1,\"arguments\":\"\"}",
          "{\"state\":\"waiting-for-tool\",\"calls\":[{\"id\":\"c\",\"name\":\"a\"},"
              + "{\"id\":\"c-2\",\"name\":\"b\",\"approval\":true}]}",
          "{\"result\":\"{\\\"y\\\":2}\",\"id\":\"c\"}",
          "{\"result\":\"denied: no\",\"id\":\"c-2\",\"denied\":true}",
          "{\"state\":\"starting\",\"persona\":{\"id\":\"p\",\"version\":1},\"turn\":\"r.4\"}",
          "{\"call\":0,\"id\":\"c\",\"name\":\"a\"}",
          "{\"state\":\"waiting-for-tool\",\"calls\":[{\"id\":\"c-3\",\"name\":\"a\"}]}",
          "{\"result\":\"{\\\"error\\\":\\\"failed\\\",\\\"message\\\":\\\"It broke.\\\"}\",\"id\":\"c-3\"}",
          "{\"state\":\"starting\",\"persona\":{\"id\":\"p\",\"version\":1},\"turn\":\"r.6\"}",
          "{\"text\":\"Done.\"}",
          "{\"state\":\"finished\",\"reason\":\"stop\"}");

  private static List<String> chunks(List<String> messages, int... batches) {
    List<String> all = new ArrayList<>();
    ReplyState state = new ReplyState();
    int from = 0;
    for (int to : batches) {
      state = state.copy();
      all.addAll(take(state, messages.subList(from, to)));
      from = to;
    }
    all.addAll(take(state, messages.subList(from, messages.size())));
    return all;
  }

  private static List<String> take(ReplyState state, List<String> messages) {
    Chunks out = new Chunks();
    messages.forEach(message -> state.take(message.getBytes(StandardCharsets.UTF_8), out));
    state.settle(out);
    return out.take().stream().map(chunk -> new String(chunk, StandardCharsets.UTF_8)).toList();
  }

  @Test
  void aReplyInOneBatchHasOneDeltaForEachPart() {
    assertThat(chunks(WITH_TOOLS))
        .containsExactly(
            "{\"type\":\"start\",\"messageId\":\"r\",\"messageMetadata\":{\"ai\":true,\"run\":\"r\"}}",
            "{\"type\":\"message-metadata\",\"messageMetadata\":{\"persona\":{\"id\":\"p\",\"version\":1}}}",
            "{\"type\":\"start-step\"}",
            "{\"type\":\"reasoning-start\",\"id\":\"1\"}",
            "{\"type\":\"reasoning-delta\",\"id\":\"1\",\"delta\":\"so\"}",
            "{\"type\":\"reasoning-end\",\"id\":\"1\"}",
            "{\"type\":\"text-start\",\"id\":\"2\"}",
            "{\"type\":\"text-delta\",\"id\":\"2\",\"delta\":\"Let me s\\\"ee\\n\"}",
            "{\"type\":\"text-end\",\"id\":\"2\"}",
            "{\"type\":\"tool-input-start\",\"toolCallId\":\"c\",\"toolName\":\"a\"}",
            "{\"type\":\"tool-input-delta\",\"toolCallId\":\"c\",\"inputTextDelta\":\"{\\\"x\\\":1}\"}",
            "{\"type\":\"tool-input-start\",\"toolCallId\":\"c-2\",\"toolName\":\"b\"}",
            "{\"type\":\"tool-output-available\",\"toolCallId\":\"c\",\"output\":{\"y\":2}}",
            "{\"type\":\"tool-output-denied\",\"toolCallId\":\"c-2\"}",
            "{\"type\":\"finish-step\"}",
            "{\"type\":\"start-step\"}",
            "{\"type\":\"tool-input-start\",\"toolCallId\":\"c-3\",\"toolName\":\"a\"}",
            "{\"type\":\"tool-output-error\",\"toolCallId\":\"c-3\",\"errorText\":\"It broke.\"}",
            "{\"type\":\"finish-step\"}",
            "{\"type\":\"start-step\"}",
            "{\"type\":\"text-start\",\"id\":\"3\"}",
            "{\"type\":\"text-delta\",\"id\":\"3\",\"delta\":\"Done.\"}",
            "{\"type\":\"text-end\",\"id\":\"3\"}",
            "{\"type\":\"finish-step\"}",
            "{\"type\":\"finish\",\"finishReason\":\"stop\"}");
  }

  @RepeatedTest(50)
  void howItIsCutIntoBatchesMakesNoDifferenceButForAnnouncements(RepetitionInfo repetition) {
    long seed = repetition.getCurrentRepetition();
    int[] batches = new Random(seed).ints(5, 0, WITH_TOOLS.size() + 1).sorted().toArray();
    assertThat(lasting(chunks(WITH_TOOLS, batches)))
        .as("seed %s", seed)
        .isEqualTo(lasting(chunks(WITH_TOOLS)));
  }

  /** Without what only tells of calls that wait, and with deltas joined. */
  private static String lasting(List<String> chunks) {
    return Stream.of(String.join("\n", chunks).split("\n"))
        .filter(chunk -> !chunk.contains("input-available") && !chunk.contains("approval-request"))
        .reduce("", (all, chunk) -> join(all, chunk));
  }

  private static String join(String all, String chunk) {
    int text = chunk.indexOf("elta\":\"") + 7;
    String before = text > 7 ? chunk.substring(0, text) : "?";
    int last = all.lastIndexOf('\n') + 1;
    return all.startsWith(before, last)
        ? all.substring(0, all.length() - 2) + chunk.substring(text)
        : all + "\n" + chunk;
  }

  @Test
  void aCallThatWaitsIsAnnouncedAtTheEndOfTheBatch() {
    assertThat(chunks(WITH_TOOLS.subList(0, 12)))
        .endsWith(
            "{\"type\":\"tool-output-available\",\"toolCallId\":\"c\",\"output\":{\"y\":2}}",
            "{\"type\":\"tool-input-available\",\"toolCallId\":\"c-2\",\"toolName\":\"b\",\"input\":{}}",
            "{\"type\":\"tool-approval-request\",\"approvalId\":\"c-2\",\"toolCallId\":\"c-2\"}");
  }

  @Test
  void whoWorksForOthersLeavesTheirStatesAlone() {
    ReplyState shared = new ReplyState();
    assertThat(take(shared, WITH_TOOLS.subList(0, 7))).isNotEmpty();
    ReplyState ahead = shared.copy();
    assertThat(take(ahead, WITH_TOOLS.subList(7, 20))).isNotEmpty();
    assertThat(ahead.ended()).isTrue();
    // One who lagged reads the same on its own.
    ReplyState behind = shared.copy();
    List<String> own = take(behind, WITH_TOOLS.subList(7, 11));
    assertThat(own).anySatisfy(chunk -> assertThat(chunk).contains("\"input\":{\"x\":1}"));
    assertThat(shared.ended()).isFalse();
  }

  @Test
  void messagesThatNobodyKnowsSayNothing() {
    assertThat(
            chunks(
                List.of(
                    HEAD,
                    "nonsense",
                    "[1]",
                    "7",
                    "{}",
                    "{\"text\":1}",
                    "{\"state\":\"new\"}",
                    HEAD)))
        .hasSize(1);
  }

  @Test
  void aReplyThatIsStoppedWhileItWaitsLeavesNoCallOpen() {
    List<String> stopped = new ArrayList<>(WITH_TOOLS.subList(0, 11));
    stopped.add("{\"state\":\"stopped\",\"by\":\"ada\"}");
    stopped.add("{\"text\":\"too late\"}");
    assertThat(chunks(stopped))
        .endsWith(
            "{\"type\":\"tool-output-error\",\"toolCallId\":\"c\",\"errorText\":\"The reply ended before the tool did.\"}",
            "{\"type\":\"tool-output-error\",\"toolCallId\":\"c-2\",\"errorText\":\"The reply ended before the tool did.\"}",
            "{\"type\":\"message-metadata\",\"messageMetadata\":{\"state\":\"stopped\",\"by\":\"ada\"}}",
            "{\"type\":\"abort\",\"reason\":\"stopped\"}",
            "{\"type\":\"finish-step\"}",
            "{\"type\":\"finish\",\"finishReason\":\"interrupted\"}");
  }
}
