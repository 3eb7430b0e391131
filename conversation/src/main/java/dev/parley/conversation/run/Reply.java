package dev.parley.conversation.run;

import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.ModelRef;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunState;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.Usage;
import dev.parley.conversation.budget.Asked;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Payload;
import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A run that is generated here: takes what the provider says, and writes it to the stream of the
 * run, at most one append at a time. Confined to the loop of its conversation.
 */
final class Reply {
  private static final int COUNTED = -1;
  private static final long AGAIN_MILLIS = 100; // after a store that took nothing

  private final Talk talk;
  private final Desk desk;
  private final String run;
  private final StreamPath path;
  private final CompletableFuture<Boolean> stream; // whether it is there, and its own
  private final CompletableFuture<Boolean> right; // to write: whether what gives it is stored
  private final Draft draft = new Draft();
  private final List<byte[]> said = new ArrayList<>(1); // messages to be written, in order
  private Provider.@Nullable Generation generation;
  private int generations; // what an earlier one still says is not heard
  private boolean streaming; // something of it has been shown
  private boolean wants; // it waits for the pen
  private @Nullable CompletableFuture<Boolean> writing; // the append under way
  private @Nullable CompletableFuture<Boolean> next; // the one after it, if anybody waits for it
  private final Map<String, String> results = new HashMap<>(0);
  private @Nullable Ending ending;
  private @Nullable RunState end; // the run is over: with this the stream is closed
  private boolean closing; // the last message is among what is said
  private Usage usage = Usage.NONE;
  private long asked = COUNTED; // bytes of the prompt of what is generated
  private int before; // bytes that the draft had when it was asked
  private @Nullable ModelRef fallback; // gives what is generated, if not the persona's own

  /** What is written is decided already. */
  Reply(Talk talk, String run) {
    this(talk, run, CompletableFuture.completedFuture(true));
  }

  /**
   * @param right to write: whether the decision that gives it is stored; words before it could be
   *     said again by whoever gets it in its place
   */
  Reply(Talk talk, String run, CompletableFuture<Boolean> right) {
    this.talk = talk;
    this.desk = talk.desk();
    this.run = run;
    this.right = right;
    this.path = ConversationPaths.run(run);
    this.stream = talk.replies().stream(run);
  }

  String run() {
    return run;
  }

  /** All that it has said since its last turn. */
  List<TurnPart> shown() {
    return draft.parts();
  }

  List<TurnPart.ToolCall> calls() {
    return draft.calls();
  }

  /** What it says already, to be continued. */
  String prefix() {
    return draft.text();
  }

  // --- results of tools that the conversation does not have yet

  void returned(String call, String json) {
    results.put(call, json);
  }

  void confirmed(String call) {
    results.remove(call);
  }

  Map<String, String> unconfirmed() {
    return Map.copyOf(results);
  }

  /** How the model ended it, {@code null} before; kept until the conversation has it. */
  @Nullable Ending ending() {
    return ending;
  }

  /** What all its generations took. */
  Usage usage() {
    return usage;
  }

  /** Whether nobody is asked, and nobody has answered. */
  boolean isSilent() {
    return generation == null && ending == null;
  }

  /** Whether what gave it the right to write was lost. */
  boolean hasNoRight() {
    return !right.getNow(true);
  }

  boolean isStreaming() {
    return streaming;
  }

  /** It goes on with what was shown before, by another owner, and what that took. */
  void restore(List<TurnPart> shown, Usage took) {
    usage = took;
    draft.restore(shown);
    streaming = !shown.isEmpty();
  }

  /** A turn begins, or goes on. */
  void say(PersonaRef persona, String turn) {
    write(RunJson.starting(persona, turn));
  }

  void write(byte[] message) {
    said.addAll(draft.take());
    said.add(message);
    wantToWrite();
  }

  // --- the provider's side

  void generate(Provider provider, Prompt prompt) {
    stopGenerating();
    ending = null;
    asked = prompt.bytes();
    before = draft.bytes();
    fallback = null;
    int mine = ++generations;
    Provider.Generation begun =
        provider.generate(
            prompt,
            new Provider.Listener() {
              @Override
              public void onDelta(Delta delta) {
                desk.run(() -> {
                  if (mine == generations) {
                    heard(delta);
                  }
                });
              }

              @Override
              public void onFallback(ModelRef model) {
                desk.run(() -> {
                  if (mine == generations) {
                    fellBack(model, prompt);
                  }
                });
              }

              @Override
              public void onEnd(Ending how) {
                desk.run(() -> {
                  if (mine == generations) {
                    ended(how);
                  }
                });
              }
            });
    if (mine == generations) { // else it ended before it returned
      generation = begun;
    }
  }

  private void heard(Delta delta) {
    try {
      draft.add(delta);
    } catch (IllegalArgumentException e) {
      ended(
          new Ending.Failed(
              Failure.of(Failure.Code.MALFORMED, "the model's reply: " + e.getMessage())));
      return;
    }
    if (draft.bytes() > desk.config().maxReplyBytes()) {
      ended(
          new Ending.Failed(
              Failure.of(
                  Failure.Code.TOO_LARGE,
                  "reply: over " + desk.config().maxReplyBytes() + " bytes")));
      return;
    }
    if (draft.hasUnwritten()) {
      wantToWrite();
    }
    if (!streaming) { // behind the word, which does not wait for the sync
      streaming = true;
      talk.replies().onStreaming(this);
    }
  }

  /** What was said so far, if anything, is the prefix of what the other model is asked. */
  private void fellBack(ModelRef model, Prompt prompt) {
    count(Usage.UNKNOWN);
    asked = prompt.bytes() + draft.bytes() - before;
    before = draft.bytes();
    fallback = model;
  }

  private void ended(Ending how) {
    count(how instanceof Ending.Finished(var _, Usage took) ? took : Usage.UNKNOWN);
    stopGenerating();
    ending = how;
    if (draft.hasUnwritten()) {
      wantToWrite();
    }
    tellEnding();
  }

  /**
   * The conversation hears of the end when the stream has all of it, as it is first to be synced.
   */
  void tellEnding() {
    if (ending != null
        && end == null
        && writing == null
        && said.isEmpty()
        && !draft.hasUnwritten()) {
      talk.replies().onEnding(this);
    }
  }

  /**
   * A generation is over. Where the provider does not say what it took, as when it was stopped,
   * that is estimated; then one that said nothing took nothing.
   */
  private void count(Usage took) {
    if (asked == COUNTED) {
      return;
    }
    int said = draft.bytes() - before;
    Usage counted = took;
    if (took.equals(Usage.UNKNOWN)) {
      counted = said > 0 ? Usage.estimate(asked, said) : Usage.NONE;
    }
    if (!counted.equals(Usage.NONE)) {
      usage = usage.plus(fallback == null ? counted : counted.by(fallback));
    }
    asked = COUNTED;
  }

  /** What it holds upstream is closed; nothing that still comes is heard. */
  void stopGenerating() {
    count(Usage.UNKNOWN);
    generations++;
    if (generation != null) {
      generation.stop();
      generation = null;
    }
  }

  /** What it said is a turn now, and another begins. */
  void turned() {
    said.addAll(draft.take());
    draft.clear();
    streaming = false;
    ending = null;
  }

  /**
   * The conversation has its end: so has the stream, once it is kept what the run took. Until then
   * the stream is open, so that a crash in between leaves it to be found.
   *
   * @param of {@code null} when it was never asked for
   */
  void close(RunState how, @Nullable Run of) {
    if (end != null) {
      return;
    }
    stopGenerating();
    end = how;
    var _ =
        account(how, of)
            .whenComplete((_, _) ->
                desk.run(() -> {
                  closing = true;
                  write(RunJson.ended(how, usage));
                }));
  }

  private CompletableFuture<?> account(RunState how, @Nullable Run of) {
    PersonaRef persona = of == null ? null : of.persona();
    if (of == null || persona == null) {
      return CompletableFuture.completedFuture(null); // nobody was asked
    }
    if (!(how instanceof RunState.Stopped)) {
      usage = of.usage();
    } else if (usage.equals(Usage.NONE)) { // it may be that another owner was stopped
      usage = of.estimate(List.of());
    }
    String user = of.request().by();
    Persona known = desk.models().persona(persona);
    Asked whom = known == null ? new Asked(user, persona.id(), "", "") : Asked.of(user, known);
    long at = of.endedAt() == 0 ? desk.now() : of.endedAt(); // 0 when all was deleted
    return desk.models().accounts().record(run, whom, usage, at);
  }

  // --- the stream's side

  private void wantToWrite() {
    if (!wants && writing == null) {
      wants = true;
      if (right.isDone()) {
        writeIfRight();
      } else { // nor is the pen kept waiting, which serves others
        var _ = right.whenComplete((_, _) -> desk.run(this::writeIfRight));
      }
    }
  }

  private void writeIfRight() {
    if (right.join()) {
      desk.pen().wantsToWrite(this);
    }
  }

  /** Completes with {@code true} when the stream has all that was said so far, or is gone. */
  CompletableFuture<Boolean> written() {
    if (!said.isEmpty() || draft.hasUnwritten()) {
      next = next == null ? new CompletableFuture<>() : next;
      return next;
    }
    return writing == null ? CompletableFuture.completedFuture(true) : writing;
  }

  /** Writes what there is; by the pen. */
  CompletableFuture<?> write() {
    wants = false;
    said.addAll(draft.take());
    if (said.isEmpty()) {
      tellEnding();
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Boolean> done = next == null ? new CompletableFuture<>() : next;
    next = null;
    writing = done;
    List<byte[]> messages = List.copyOf(said);
    said.clear();
    boolean last = closing;
    Append append =
        new Append(messages.stream().map(Payload::of).toList(), null, null, null, -1, last);
    return stream
        .thenCompose(own ->
            own
                ? desk.hub().append(path, append)
                : CompletableFuture.<AppendResult>completedFuture(new AppendResult.Missing()))
        .whenComplete((result, failure) ->
            desk.run(() -> {
              writing = null;
              if (failure != null) {
                again(messages, done);
                return;
              }
              done.complete(true);
              if (result instanceof AppendResult.Appended && !last) {
                if (!said.isEmpty() || draft.hasUnwritten()) {
                  wantToWrite();
                } else {
                  tellEnding();
                }
              } else {
                talk.replies().onClosed(this);
              }
            }));
  }

  private void again(List<byte[]> messages, CompletableFuture<Boolean> done) {
    said.addAll(0, messages);
    CompletableFuture<Boolean> later = next;
    if (later != null) {
      var _ = done.thenAccept(later::complete);
    }
    next = done;
    desk.after(AGAIN_MILLIS, TimeUnit.MILLISECONDS, this::wantToWrite);
  }
}
