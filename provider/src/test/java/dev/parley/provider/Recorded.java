package dev.parley.provider;

import dev.parley.conversation.ModelRef;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Provider.Listener;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what a reply said. Safe on any thread. */
public final class Recorded implements Listener {
  private final List<Delta> deltas = new CopyOnWriteArrayList<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CompletableFuture<Ending> ending = new CompletableFuture<>();
  private volatile boolean twice;
  private volatile @Nullable ModelRef fallback;

  @Override
  public void onDelta(Delta delta) {
    twice |= ending.isDone();
    deltas.add(delta);
    begun.countDown();
  }

  @Override
  public void onFallback(ModelRef model) {
    fallback = model;
  }

  @Override
  public void onEnd(Ending how) {
    twice |= !ending.complete(how);
  }

  public Ending ending() {
    Ending how = ending.orTimeout(20, TimeUnit.SECONDS).join();
    if (twice) {
      throw new AssertionError("called after the end");
    }
    return how;
  }

  /** Waits for the first delta. */
  public boolean begun(long most, TimeUnit unit) throws InterruptedException {
    return begun.await(most, unit);
  }

  public boolean ended() {
    return ending.isDone();
  }

  public Failure failure() {
    return ((Ending.Failed) ending()).failure();
  }

  public Ending.Finished finished() {
    if (ending() instanceof Ending.Failed(Failure failure)) {
      throw new AssertionError(failure.toString());
    }
    return (Ending.Finished) ending();
  }

  /** The fall-back that spoke last. */
  public @Nullable ModelRef fallback() {
    return fallback;
  }

  public List<Delta> deltas() {
    return deltas;
  }

  /** All text, as one. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Delta delta : deltas) {
      if (delta instanceof Delta.Text(String more)) {
        text.append(more);
      }
    }
    return text.toString();
  }

  public String reasoning() {
    StringBuilder text = new StringBuilder();
    for (Delta delta : deltas) {
      if (delta instanceof Delta.Reasoning(String more)) {
        text.append(more);
      }
    }
    return text.toString();
  }

  /** The arguments of one call, as one. */
  public String arguments(int index) {
    StringBuilder text = new StringBuilder();
    for (Delta delta : deltas) {
      if (delta instanceof Delta.ToolArguments(int of, String more) && of == index) {
        text.append(more);
      }
    }
    return text.toString();
  }
}
