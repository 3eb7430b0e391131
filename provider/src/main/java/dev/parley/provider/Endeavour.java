package dev.parley.provider;

import dev.parley.conversation.ModelRef;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.conversation.provider.Provider.Listener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One reply over as many attempts as it takes. Attempts follow one another, each on the thread its
 * provider chooses; only {@link #stop()} comes from elsewhere.
 */
final class Endeavour implements Generation {
  private final ResilientProvider provider;
  private final Prompt prompt;
  private final Listener listener;
  private final boolean mayContinue;
  private final StringBuilder text =
      new StringBuilder(0); // of the reply, for those who continue it
  private int link; // the first is the one that was asked for, the others are fall-backs
  private int attemptsOfLink;
  private int continuations;
  private boolean shown;
  private boolean beyondText; // a tool call: no prefix says it
  private volatile boolean stopped;
  private @Nullable Attempt current; // guarded by this
  private @Nullable Generation generation; // of current; guarded by this

  Endeavour(ResilientProvider provider, Prompt prompt, Listener listener) {
    this.provider = provider;
    this.prompt = prompt;
    this.listener = listener;
    this.mayContinue = provider.config().continuations() > 0 && provider.continuesFromPrefix();
  }

  void begin() {
    attempt();
  }

  @Override
  public void stop() {
    stopped = true;
    Attempt attempt;
    Generation running;
    synchronized (this) {
      attempt = current;
      running = generation;
    }
    if (attempt != null) {
      attempt.leave();
    }
    if (running != null) {
      running.stop();
    }
  }

  private void attempt() {
    if (stopped) {
      return;
    }
    List<Link> chain = provider.chain();
    String prefix = prompt.prefix() + text;
    if (!prefix.isEmpty()) {
      while (link < chain.size() && !chain.get(link).provider().continuesFromPrefix()) {
        link++;
      }
      if (link == chain.size()) {
        end(Failure.of(Code.BAD_REQUEST, provider.name() + ": no provider can continue a reply"));
        return;
      }
    }
    Link asked = chain.get(link);
    attemptsOfLink++;
    if (!asked.tryEnter()) {
      onFailure(
          Failure.of(
              Code.CIRCUIT_OPEN,
              asked.provider().name() + ": failed too often lately and is not asked for a while"));
      return;
    }
    Prompt adapted = asked.adapt(prompt.continuing(prefix));
    Attempt attempt = new Attempt(asked, adapted.model());
    synchronized (this) {
      current = attempt;
      generation = null;
    }
    began(attempt, asked.provider().generate(adapted, attempt));
  }

  /** It may have failed already, and another may run. */
  private void began(Attempt attempt, Generation running) {
    synchronized (this) {
      if (current == attempt) {
        generation = running;
      }
    }
    if (stopped) {
      attempt.leave();
      running.stop();
    }
  }

  private void onFailure(Failure failure) {
    if (stopped) {
      return;
    }
    if (shown) {
      onDeath(failure);
      return;
    }
    if (mayRetry(failure)) {
      retry(failure);
    } else if (failure.code() != Code.BAD_REQUEST && link + 1 < provider.chain().size()) {
      next();
    } else {
      end(failure);
    }
  }

  private boolean mayRetry(Failure failure) {
    Duration asked = failure.retryAfter();
    return failure.retryable()
        && failure.code() != Code.CIRCUIT_OPEN
        && attemptsOfLink < provider.config().attempts()
        && (asked == null || asked.compareTo(provider.config().longestPause()) <= 0);
  }

  private void retry(Failure failure) {
    provider.chain().get(link).retried();
    Duration pause = provider.pause(attemptsOfLink);
    Duration asked = failure.retryAfter();
    try {
      provider
          .later()
          .after(asked != null && asked.compareTo(pause) > 0 ? asked : pause, this::attempt);
    } catch (RejectedExecutionException e) {
      end(failure);
    }
  }

  private void next() {
    link++;
    attemptsOfLink = 0;
    provider.chain().get(link).fellBackTo();
    attempt();
  }

  /** In the middle. Whoever continues it is asked at once: people are watching. */
  private void onDeath(Failure failure) {
    boolean died = Link.isItsFault(failure.code()) && failure.code() != Code.MALFORMED;
    boolean again = failure.code() == Code.CIRCUIT_OPEN || died;
    if (!again
        || !mayContinue
        || beyondText
        || ++continuations > provider.config().continuations()) {
      end(failure);
      return;
    }
    List<Link> chain = provider.chain();
    int from = died && attemptsOfLink < provider.config().attempts() ? link : link + 1;
    for (int i = from; i < chain.size(); i++) {
      if (chain.get(i).provider().continuesFromPrefix()) {
        attemptsOfLink = i == link ? attemptsOfLink : 0;
        link = i;
        chain.get(i).continued();
        attempt();
        return;
      }
    }
    end(failure);
  }

  private void end(Failure failure) {
    if (!stopped) {
      listener.onEnd(new Ending.Failed(failure));
    }
  }

  private void onDelta(Delta delta) {
    if (stopped) {
      return;
    }
    shown = true;
    if (mayContinue) {
      if (delta instanceof Delta.Text(String more)) {
        text.append(more);
      } else if (!(delta instanceof Delta.Reasoning)) {
        beyondText = true;
      }
    }
    listener.onDelta(delta);
  }

  /** One try of one provider. */
  private final class Attempt implements Listener {
    private final Link asked;
    private final String model;
    private boolean judged; // guarded by this

    Attempt(Link asked, String model) {
      this.asked = asked;
      this.model = model;
    }

    @Override
    public void onDelta(Delta delta) {
      answered();
      Endeavour.this.onDelta(delta);
    }

    private void answered() {
      if (judge()) {
        asked.answered();
        if (link > 0 && !stopped) {
          listener.onFallback(new ModelRef(asked.provider().name(), model));
        }
      }
    }

    @Override
    public void onEnd(Ending ending) {
      switch (ending) {
        case Ending.Finished finished -> {
          answered();
          if (!stopped) {
            listener.onEnd(finished);
          }
        }
        case Ending.Failed(Failure failure) -> {
          boolean first = judge();
          if (Link.isItsFault(failure.code())) {
            asked.failed();
          } else if (first) {
            asked.left();
          }
          onFailure(failure);
        }
      }
    }

    void leave() {
      if (judge()) {
        asked.left();
      }
    }

    private synchronized boolean judge() {
      boolean first = !judged;
      judged = true;
      return first;
    }
  }
}
