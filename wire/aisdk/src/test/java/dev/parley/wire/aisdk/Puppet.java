package dev.parley.wire.aisdk;

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

  /** A reply that it was asked for. */
  static final class Turn implements Generation {
    final Prompt prompt;
    private final Listener listener;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Turn(Prompt prompt, Listener listener) {
      this.prompt = prompt;
      this.listener = listener;
    }

    Turn says(String text) {
      return hears(new Delta.Text(text));
    }

    Turn hears(Delta delta) {
      listener.onDelta(delta);
      return this;
    }

    Turn calls(int index, String id, String tool, String json) {
      return hears(new Delta.ToolCall(index, id, tool)).hears(new Delta.ToolArguments(index, json));
    }

    void finishes() {
      ends(FinishReason.STOP);
    }

    void ends(FinishReason reason) {
      listener.onEnd(new Ending.Finished(reason, new Usage(10, 0, 5)));
    }

    void fails(Failure.Code code) {
      listener.onEnd(new Ending.Failed(Failure.of(code, "as the test wants")));
    }

    void awaitStopped() {
      try {
        if (!stopped.await(20, TimeUnit.SECONDS)) {
          throw new AssertionError("not stopped in 20 s");
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    boolean isStopped() {
      return stopped.getCount() == 0;
    }

    @Override
    public void stop() {
      stopped.countDown();
    }
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public boolean continuesFromPrefix() {
    return true;
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    Turn turn = new Turn(prompt, listener);
    turns.add(turn);
    return turn;
  }

  /** The next reply it is asked for. */
  Turn asked() {
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

  boolean isAsked() {
    return !turns.isEmpty();
  }
}
