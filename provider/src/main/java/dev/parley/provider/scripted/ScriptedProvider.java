package dev.parley.provider.scripted;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Provider;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider with no model behind it: streams a script at a set pace. The same prompt has the same
 * reply, so that one that broke off goes on from its prefix as if nothing had happened. Safe on any
 * thread; a reply is heard on one loop.
 */
public final class ScriptedProvider implements Provider {
  private final String name;
  private final Function<Prompt, Script> scripts;
  private final Pace pace;
  private final Supplier<? extends ScheduledExecutorService> loops;
  private final LongSupplier nanoTime;

  /**
   * A provider of one script for each prompt.
   *
   * @param scripts a pure function, called on the thread of who asks; {@link Demonstration} is one
   * @param loops whose loop a reply is heard on, asked by the thread of who asks; of one thread
   */
  public ScriptedProvider(
      String name,
      Function<Prompt, Script> scripts,
      Pace pace,
      Supplier<? extends ScheduledExecutorService> loops) {
    this(name, scripts, pace, loops, System::nanoTime);
  }

  ScriptedProvider(
      String name,
      Function<Prompt, Script> scripts,
      Pace pace,
      Supplier<? extends ScheduledExecutorService> loops,
      LongSupplier nanoTime) {
    this.name = name;
    this.scripts = scripts;
    this.pace = pace;
    this.loops = loops;
    this.nanoTime = nanoTime;
  }

  @Override
  public String name() {
    return name;
  }

  /** Of its own replies; a prefix that another one wrote is refused. */
  @Override
  public boolean continuesFromPrefix() {
    return true;
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    Script script = scripts.apply(prompt);
    Integer asked = prompt.parameters().maxTokens();
    int most = asked == null ? Integer.MAX_VALUE : asked;
    boolean cut = most < script.pieces().size();
    Script played = cut ? new Script(script.pieces().subList(0, most), null) : script;
    List<Delta> left = played.after(prompt.prefix());
    Ending ending = left == null ? foreign() : ending(played, cut, prompt, left.size());
    Performance performance =
        new Performance(
            left == null ? List.of() : left, ending, pace, loops.get(), nanoTime, listener);
    performance.begin();
    return performance;
  }

  private Ending foreign() {
    return new Ending.Failed(
        Failure.of(Code.BAD_REQUEST, name + ": cannot continue a reply that it would not begin"));
  }

  private static Ending ending(Script script, boolean cut, Prompt prompt, int output) {
    @Nullable Failure failure = script.failure();
    if (failure != null) {
      return new Ending.Failed(failure);
    }
    FinishReason reason =
        cut
            ? FinishReason.LENGTH
            : script.callsTools() ? FinishReason.TOOL_CALLS : FinishReason.STOP;
    return new Ending.Finished(reason, new Usage(tokens(prompt), 0, output));
  }

  private static int tokens(Prompt prompt) {
    int tokens = 0;
    for (PromptTurn turn : prompt.turns()) {
      for (TurnPart part : turn.parts()) {
        tokens += part instanceof TurnPart.Text text ? Script.count(text.text()) : 0;
      }
    }
    return tokens;
  }
}
