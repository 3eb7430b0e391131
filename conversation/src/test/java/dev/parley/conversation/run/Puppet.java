package dev.parley.conversation.run;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.ModelRef;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A model that says what the test says. Any thread. */
public final class Puppet implements Provider {
  private final BlockingQueue<Turn> turns = new LinkedBlockingQueue<>();
  private final CountDownLatch warmed = new CountDownLatch(1);
  public volatile boolean continues = true;

  /** A reply that it was asked for. */
  public static final class Turn implements Generation {
    public final Prompt prompt;
    private final Listener listener;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Turn(Prompt prompt, Listener listener) {
      this.prompt = prompt;
      this.listener = listener;
    }

    public Turn says(String... texts) {
      for (String text : texts) {
        hears(new Delta.Text(text));
      }
      return this;
    }

    /** Calls a tool, as the nth of this turn, which is then to end. */
    public Turn calls(int index, String id, String tool, String arguments) {
      return hears(new Delta.ToolCall(index, id, tool))
          .hears(new Delta.ToolArguments(index, arguments));
    }

    public Turn thinks(String text) {
      return hears(new Delta.Reasoning(text));
    }

    /** A fall-back goes on. */
    public Turn fallsBackTo(ModelRef model) {
      listener.onFallback(model);
      return this;
    }

    public Turn hears(Delta delta) {
      listener.onDelta(delta);
      return this;
    }

    public void finishes() {
      ends(FinishReason.STOP);
    }

    public void ends(FinishReason reason) {
      ends(reason, new Usage(10, 0, 5));
    }

    public void ends(FinishReason reason, Usage usage) {
      listener.onEnd(new Ending.Finished(reason, usage));
    }

    public void fails(Failure.Code code) {
      listener.onEnd(new Ending.Failed(Failure.of(code, "as the test wants")));
    }

    public void awaitStopped() {
      await(stopped, "stopped");
    }

    public boolean isStopped() {
      return stopped.getCount() == 0;
    }

    @Override
    public void stop() {
      stopped.countDown();
    }
  }

  @Override
  public String name() {
    return "puppet";
  }

  @Override
  public boolean continuesFromPrefix() {
    return continues;
  }

  @Override
  public void warm() {
    warmed.countDown();
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    Turn turn = new Turn(prompt, listener);
    turns.add(turn);
    return turn;
  }

  /** The next reply it is asked for. */
  public Turn asked() {
    try {
      Turn turn = turns.poll(20, TimeUnit.SECONDS);
      if (turn == null) {
        throw new AssertionError("not asked in 20 s");
      }
      return turn;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public void awaitWarmed() {
    await(warmed, "warmed");
  }

  private static void await(CountDownLatch latch, String what) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("not " + what + " in 20 s");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public boolean isAsked() {
    return !turns.isEmpty();
  }
}
