package dev.parley.wire.rest;

import dev.parley.conversation.FinishReason;
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
final class Puppet implements Provider {
  private final BlockingQueue<Turn> turns = new LinkedBlockingQueue<>();
  final CountDownLatch warmed = new CountDownLatch(1);

  /** A reply that it was asked for. */
  static final class Turn implements Generation {
    private final Listener listener;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Turn(Listener listener) {
      this.listener = listener;
    }

    Turn says(String... texts) {
      for (String text : texts) {
        listener.onDelta(new Delta.Text(text));
      }
      return this;
    }

    Turn thinks(String text) {
      listener.onDelta(new Delta.Reasoning(text));
      return this;
    }

    void calls(String id, String tool, String arguments) {
      listener.onDelta(new Delta.ToolCall(0, id, tool));
      listener.onDelta(new Delta.ToolArguments(0, arguments));
      ends(FinishReason.TOOL_CALLS);
    }

    void finishes() {
      ends(FinishReason.STOP);
    }

    void fails(Failure.Code code) {
      listener.onEnd(new Ending.Failed(Failure.of(code, "as the test wants")));
    }

    private void ends(FinishReason reason) {
      listener.onEnd(new Ending.Finished(reason, new Usage(10, 0, 5)));
    }

    void awaitStopped() throws InterruptedException {
      if (!stopped.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("not stopped in 20 s");
      }
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
  public void warm() {
    warmed.countDown();
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    Turn turn = new Turn(listener);
    turns.add(turn);
    return turn;
  }

  /** The next reply it is asked for. */
  Turn asked() throws InterruptedException {
    Turn turn = turns.poll(20, TimeUnit.SECONDS);
    if (turn == null) {
      throw new AssertionError("not asked in 20 s");
    }
    return turn;
  }
}
