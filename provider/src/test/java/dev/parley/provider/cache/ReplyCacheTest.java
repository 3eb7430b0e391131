package dev.parley.provider.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.ModelRef;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.conversation.provider.Provider.Listener;
import dev.parley.conversation.provider.Tool;
import dev.parley.provider.Recorded;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ReplyCacheTest {
  private static final Prompt HELLO = Prompt.of("m", PromptTurn.user("hello"));
  private static final PromptKey KEY = PromptKey.of("p", HELLO);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Usage USAGE = new Usage(3, 0, 2);
  private static final Ending WELL = new Ending.Finished(FinishReason.STOP, USAGE);

  private final Deque<Runnable> loop = new ArrayDeque<>();
  private long nanos;

  private ReplyCache cache(long bytes) {
    return new ReplyCache(bytes, () -> nanos);
  }

  private static Recorded hear(ReplyCache cache, PromptKey key, Ending ending, Delta... deltas) {
    Recorded heard = new Recorded();
    Listener listener = cache.keeping(key, MINUTE, heard);
    for (Delta delta : deltas) {
      listener.onDelta(delta);
    }
    listener.onEnd(ending);
    assertThat(heard.deltas()).containsExactly(deltas);
    assertThat(heard.ending()).isEqualTo(ending);
    return heard;
  }

  private static Delta text(String text) {
    return new Delta.Text(text);
  }

  private Recorded replay(KeptReply reply) {
    Recorded heard = new Recorded();
    CachedGeneration.replay(reply, loop::add, heard);
    while (!loop.isEmpty()) {
      loop.remove().run();
    }
    return heard;
  }

  @Test
  void whoseReplyItIsIsPassedOn() {
    Recorded heard = new Recorded();
    ModelRef spare = new ModelRef("spare", "m");
    cache(1 << 20).keeping(KEY, MINUTE, heard).onFallback(spare);
    assertThat(heard.fallback()).isEqualTo(spare);
  }

  @Test
  void aReplyIsGivenAgainAsAStream() {
    ReplyCache cache = cache(1 << 20);
    assertThat(cache.lookup(KEY, MINUTE)).isEmpty();
    Recorded first =
        hear(cache, KEY, WELL, new Delta.Reasoning("hm"), text("good "), text("day"), text("!"));
    Recorded again = replay(cache.lookup(KEY, MINUTE).orElseThrow());
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.reasoning()).isEqualTo("hm");
    assertThat(again.finished()).isEqualTo(new Ending.Finished(FinishReason.STOP, Usage.NONE));
    assertThat(cache.stats().hits()).isEqualTo(1);
    assertThat(cache.stats().misses()).isEqualTo(1);
  }

  @Test
  void onlyWholeRepliesWithoutToolCallsAreKept() {
    ReplyCache cache = cache(1 << 20);
    hear(cache, KEY, new Ending.Failed(Failure.of(Code.DISCONNECTED, "")), text("half"));
    hear(cache, KEY, new Ending.Finished(FinishReason.LENGTH, USAGE), text("cut"));
    hear(cache, KEY, new Ending.Finished(FinishReason.FILTERED, USAGE), text("no"));
    hear(cache, KEY, WELL, text("wait"), new Delta.ToolCall(0, "c", "clock"));
    hear(cache, KEY, WELL);
    assertThat(cache.lookup(KEY, MINUTE)).isEmpty();
    Listener stopped = cache.keeping(KEY, MINUTE, new Recorded());
    stopped.onDelta(text("stopped"));
    assertThat(cache.lookup(KEY, MINUTE)).isEmpty();
  }

  @Test
  void aReplyIsAsOldAsTheOneWhoKeptItAndTheOneWhoAsksAllow() {
    ReplyCache cache = cache(1 << 20);
    hear(cache, KEY, WELL, text("a"));
    nanos += Duration.ofSeconds(10).toNanos();
    assertThat(cache.lookup(KEY, Duration.ofSeconds(10))).isEmpty();
    assertThat(cache.lookup(KEY, Duration.ZERO)).isEmpty();
    assertThat(cache.lookup(KEY, Duration.ofSeconds(11))).isPresent();
    assertThat(cache.lookup(KEY, Duration.ofSeconds(Long.MAX_VALUE))).isPresent();
    nanos += Duration.ofSeconds(50).toNanos();
    assertThat(cache.lookup(KEY, Duration.ofHours(1))).isEmpty();
  }

  @Test
  void withoutTtlNothingIsKept() {
    ReplyCache cache = cache(1 << 20);
    Recorded heard = new Recorded();
    assertThat(cache.keeping(KEY, Duration.ZERO, heard)).isSameAs(heard);
  }

  @Test
  void bytesAreBounded() {
    long bytes = 100_000;
    ReplyCache cache = cache(bytes);
    for (int i = 0; i < 500; i++) {
      PromptKey key = PromptKey.of("p", Prompt.of("m", PromptTurn.user("question " + i)));
      hear(cache, key, WELL, text("x".repeat(1_000)));
      assertThat(cache.stats().bytes()).isLessThanOrEqualTo(bytes);
    }
    assertThat(cache.stats().replies()).isBetween(10L, 50L);
  }

  @Test
  void aReplyLongerThanAnyWorthKeepingIsPassedOnOnly() {
    ReplyCache cache = cache(64_000);
    hear(cache, KEY, WELL, text("x".repeat(1_500)), text("x".repeat(1_500)));
    assertThat(cache.lookup(KEY, MINUTE)).isEmpty();
  }

  @Test
  void whateverThePiecesTheReplyIsTheSame() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      ReplyCache cache = cache(1 << 20);
      int pieces = 1 + random.nextInt(300);
      Delta[] deltas = new Delta[pieces];
      for (int i = 0; i < pieces; i++) {
        String text = "y".repeat(1 + random.nextInt(i % 50 == 0 ? 400 : 8)) + i;
        deltas[i] = random.nextInt(20) == 0 ? new Delta.Reasoning(text) : text(text);
      }
      Recorded first = hear(cache, KEY, WELL, deltas);
      KeptReply kept = cache.lookup(KEY, MINUTE).orElseThrow();
      Recorded again = replay(kept);
      assertThat(again.text()).as("seed %s, round %s", seed, round).isEqualTo(first.text());
      assertThat(again.reasoning()).as("seed %s", seed).isEqualTo(first.reasoning());
      assertThat(again.ended()).isTrue();
    }
  }

  @Test
  void theLoopServesOthersInBetween() {
    KeptReply reply = new KeptReply(Collections.nCopies(40, text("a")));
    Recorded heard = new Recorded();
    CachedGeneration.replay(reply, loop::add, heard);
    assertThat(heard.deltas()).isEmpty();
    loop.remove().run();
    assertThat(heard.deltas()).hasSize(CachedGeneration.MOST_OF_A_PASS);
    assertThat(loop).hasSize(1);
  }

  @Test
  void stopEndsItWithoutAWord() {
    KeptReply reply = new KeptReply(Collections.nCopies(40, text("a")));
    Recorded heard = new Recorded();
    Generation generation = CachedGeneration.replay(reply, loop::add, heard);
    loop.remove().run();
    generation.stop();
    loop.remove().run();
    assertThat(heard.deltas()).hasSize(CachedGeneration.MOST_OF_A_PASS);
    assertThat(heard.ended()).isFalse();
    assertThat(loop).isEmpty();
  }

  @Test
  void aLoopThatIsGoneIsAFailure() {
    Recorded heard = new Recorded();
    CachedGeneration.replay(
        new KeptReply(List.of(text("a"))),
        what -> {
          throw new RejectedExecutionException();
        },
        heard);
    assertThat(heard.failure().code()).isEqualTo(Code.UPSTREAM);
  }

  @Test
  void whoAsksDoesNotMatter() {
    Prompt other =
        new Prompt("m", HELLO.turns(), HELLO.parameters(), HELLO.tools(), "somebody", "");
    assertThat(PromptKey.of("p", other)).isEqualTo(KEY);
  }

  @Test
  void everythingElseDoes() {
    Parameters none = Parameters.NONE;
    List<PromptTurn> turns = HELLO.turns();
    Set<PromptKey> keys = new HashSet<>(List.of(KEY));
    List<Prompt> others =
        List.of(
            HELLO.with("n"),
            HELLO.continuing("hel"),
            Prompt.of("m", PromptTurn.user("hell"), PromptTurn.user("o")),
            Prompt.of("m", PromptTurn.system("hello")),
            of(new TurnPart.Text("hel"), new TurnPart.Text("lo")),
            of(new TurnPart.Text("hello", "{\"a\":1}")),
            of(new TurnPart.Reasoning("hello")),
            of(new TurnPart.ToolCall("a", "bc", "{}")),
            of(new TurnPart.ToolCall("ab", "c", "{}")),
            of(new TurnPart.ToolResult("a", "{}")),
            of(new TurnPart.Unknown("{}")),
            with(turns, none.withMaxTokens(1)),
            with(turns, none.withExtra("a", "1")),
            with(turns, none.withExtra("a", "2")),
            with(turns, temperature(0.5, null)),
            with(turns, temperature(null, 0.5)),
            new Prompt("m", turns, none, List.of(new Tool("t", "", "{}")), "", ""),
            new Prompt("m", turns, none, List.of(new Tool("t", "d", "{}")), "", ""));
    for (Prompt prompt : others) {
      assertThat(keys.add(PromptKey.of("p", prompt))).as("%s", prompt).isTrue();
    }
    assertThat(keys.add(PromptKey.of("q", HELLO))).isTrue();
  }

  private static Prompt of(TurnPart... parts) {
    return Prompt.of("m", new PromptTurn(PromptRole.USER, List.of(parts)));
  }

  private static Prompt with(List<PromptTurn> turns, Parameters parameters) {
    return new Prompt("m", turns, parameters, List.of(), "", "");
  }

  private static Parameters temperature(@Nullable Double temperature, @Nullable Double topP) {
    Parameters none = Parameters.NONE;
    return new Parameters(temperature, topP, null, none.stop(), null, null, none.extra());
  }
}
