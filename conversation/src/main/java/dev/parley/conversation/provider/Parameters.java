package dev.parley.conversation.provider;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a model is to answer. Immutable. What is null is left to the upstream.
 *
 * @param maxTokens the most a reply may have
 * @param reasoningEffort a word the upstream knows, such as {@code low}
 * @param extra further members of the request by name, each as JSON; sorted, so that equal
 *     parameters are equal bytes
 */
public record Parameters(
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer maxTokens,
    List<String> stop,
    @Nullable Long seed,
    @Nullable String reasoningEffort,
    SortedMap<String, String> extra) {
  public static final Parameters NONE =
      new Parameters(null, null, null, List.of(), null, null, Collections.emptySortedMap());

  /** What requests say elsewhere, and so is no member of {@link #extra}. */
  private static final Map<String, String> TAKEN =
      Map.ofEntries(
          Map.entry("top_p", "topP"),
          Map.entry("max_tokens", "maxTokens"),
          Map.entry("max_completion_tokens", "maxTokens"),
          Map.entry("max_output_tokens", "maxTokens"),
          Map.entry("stop_sequences", "stop"),
          Map.entry("reasoning_effort", "reasoningEffort"),
          Map.entry("model", "the persona's model"),
          Map.entry("system", "the persona's prompt"),
          Map.entry("tools", "the persona's tools"),
          Map.entry("messages", "nothing: turns are the conversation's"),
          Map.entry("input", "nothing: turns are the conversation's"),
          Map.entry("stream", "nothing: replies are always streamed"),
          Map.entry("stream_options", "nothing: replies are always streamed"),
          Map.entry("n", "nothing: a run is one reply"));

  public Parameters {
    if (temperature != null && !(temperature >= 0 && temperature <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "parameters.temperature: " + temperature + " (expected: >= 0)");
    }
    if (topP != null && !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("parameters.topP: " + topP + " (expected: 0 < p <= 1)");
    }
    if (maxTokens != null && maxTokens < 1) {
      throw new IllegalArgumentException(
          "parameters.maxTokens: " + maxTokens + " (expected: >= 1)");
    }
    stop = List.copyOf(stop);
    if (stop.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("parameters.stop: empty text (expected: what ends it)");
    }
    for (String name : extra.keySet()) {
      String instead = TAKEN.get(name);
      if (instead != null) {
        throw new IllegalArgumentException(
            "parameters." + name + ": not taken here (expected: " + instead + ")");
      }
    }
    extra = Collections.unmodifiableSortedMap(new TreeMap<>(extra));
  }

  /** These, and those of {@code others} that are not set here. */
  public Parameters over(Parameters others) {
    SortedMap<String, String> both = new TreeMap<>(others.extra);
    both.putAll(extra);
    return new Parameters(
        temperature != null ? temperature : others.temperature,
        topP != null ? topP : others.topP,
        maxTokens != null ? maxTokens : others.maxTokens,
        stop.isEmpty() ? others.stop : stop,
        seed != null ? seed : others.seed,
        reasoningEffort != null ? reasoningEffort : others.reasoningEffort,
        both);
  }

  /** The same with at most so many tokens. */
  public Parameters withMaxTokens(int most) {
    return new Parameters(temperature, topP, most, stop, seed, reasoningEffort, extra);
  }

  /** The same with one more member of the request. */
  public Parameters withExtra(String name, String json) {
    SortedMap<String, String> more = new TreeMap<>(extra);
    more.put(name, json);
    return new Parameters(temperature, topP, maxTokens, stop, seed, reasoningEffort, more);
  }
}
