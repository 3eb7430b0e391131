package dev.parley.wire.aisdk;

import dev.parley.conversation.Command;
import dev.parley.conversation.OnBusy;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.run.Answer;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Models;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Does what pages ask for. Safe on any thread. */
final class Asking {
  private static final int MOST_LOOKS = 5; // a step that only clears the way is one
  private static final int TITLE = 60;

  private final Conversations conversations;
  private final Models models;
  private final AiSdkConfig config;

  Asking(Conversations conversations, Models models, AiSdkConfig config) {
    this.conversations = conversations;
    this.models = models;
    this.config = config;
  }

  /**
   * The reply to be shown.
   *
   * @param after the call that the page knows it up to, {@code null} from its beginning
   * @param again calls after it that the page hears of again
   */
  record Reply(String run, @Nullable String after, Set<String> again) {}

  /** Fails with {@link HttpError} or what the store says. */
  CompletableFuture<Reply> ask(ChatRequest request, String person) {
    return ask(request, person, MOST_LOOKS);
  }

  private CompletableFuture<Reply> ask(ChatRequest request, String person, int looks) {
    if (looks == 0) {
      throw Refused.of(Refusal.RUN_ACTIVE, "chat: others are faster (expected: to come back)");
    }
    return conversations
        .view(request.id(), now -> Step.of(now, request, person, config.clientTools()))
        .thenCompose(step -> take(step, request, person, looks));
  }

  private CompletableFuture<Reply> take(Step step, ChatRequest request, String person, int looks) {
    return switch (step) {
      case Step.Create _ ->
          submit(request, create(request, person), Refusal.CONVERSATION_EXISTS)
              .thenCompose(_ -> ask(request, person, looks - 1));
      case Step.Stop(String run) ->
          submit(request, new Command.Stop(person, run, List.of()), Refusal.RUN_ENDED)
              .thenCompose(_ -> ask(request, person, looks - 1));
      case Step.Say(String branch, OnBusy onBusy) ->
          submit(request, say(request, person, branch, onBusy), null).thenApply(Asking::reply);
      case Step.Edit(String branch, String replaces) ->
          submit(request, edit(request, person, branch, replaces), null).thenApply(Asking::reply);
      case Step.Regenerate(String branch, String replaces, String name) ->
          submit(
                  request,
                  new Command.Regenerate(
                      person, branch, replaces, name, asking(request, name, OnBusy.QUEUE)),
                  Refusal.RUN_EXISTS)
              .thenApply(_ -> new Reply(name, null, Set.of()));
      case Step.Request(String branch, String name) ->
          submit(
                  request,
                  new Command.Request(person, branch, asking(request, name, OnBusy.QUEUE)),
                  Refusal.RUN_EXISTS)
              .thenApply(_ -> new Reply(name, null, Set.of()));
      case Step.Follow(String run) ->
          CompletableFuture.completedFuture(new Reply(run, null, Set.of()));
      case Step.Answer it -> answer(it, request, person);
    };
  }

  /** Does one thing; what was done meanwhile by another is done, too. */
  private CompletableFuture<Answer> submit(
      ChatRequest request, Command command, @Nullable Refusal done) {
    return conversations
        .submit(request.id(), command)
        .thenApply(answer -> {
          if (answer instanceof Answer.Refused(Refusal refusal, String message)
              && refusal != done) {
            throw Refused.of(refusal, message);
          }
          return answer;
        });
  }

  private static Reply reply(Answer answer) {
    if (answer instanceof Answer.Done done && done.run() != null) {
      return new Reply(done.run(), null, Set.of());
    }
    throw Refused.of(Refusal.TURN_EXISTS, "message: said before without asking for a reply");
  }

  private Command create(ChatRequest request, String person) {
    PersonaRef persona = persona(request);
    if (persona == null) {
      String fallback = config.persona();
      Persona newest = fallback == null ? null : models.newest(fallback);
      if (newest == null) {
        throw Refused.bad("persona: none (expected: who answers in this chat)");
      }
      persona = newest.ref();
    }
    return command(persona, request, person);
  }

  private static Command command(PersonaRef persona, ChatRequest request, String person) {
    return checked(() -> new Command.Create(request.id(), person, title(request), persona));
  }

  private @Nullable PersonaRef persona(ChatRequest request) {
    String id = request.persona();
    if (id == null) {
      return null;
    }
    Persona persona = models.newest(id);
    if (persona == null) {
      throw Refused.bad("persona: none of this name (expected: one that is there)");
    }
    return persona.ref();
  }

  /** The first words. */
  private static String title(ChatRequest request) {
    StringBuilder title = new StringBuilder();
    for (TurnPart part : parts(request)) {
      if (part instanceof TurnPart.Text text) {
        text.text()
            .codePoints()
            .limit(TITLE)
            .map(c -> Character.isISOControl(c) ? ' ' : c)
            .forEach(title::appendCodePoint);
        break;
      }
    }
    return title.toString().strip();
  }

  private static List<TurnPart> parts(ChatRequest request) {
    return UiParts.read(message(request).parts());
  }

  private static ChatRequest.Message message(ChatRequest request) {
    ChatRequest.Message message = request.last();
    if (message == null) {
      throw Refused.bad("messages: none (expected: at least one)");
    }
    return message;
  }

  private Command.Ask asking(ChatRequest request, String run, OnBusy onBusy) {
    return new Command.Ask(run, persona(request), onBusy, List.of());
  }

  private Command say(ChatRequest request, String person, String branch, OnBusy onBusy) {
    ChatRequest.Message message = message(request);
    return checked(() ->
        new Command.Say(
            person,
            branch,
            Names.turn(message.id()),
            message.id(),
            message.ai(),
            parts(request),
            asking(request, Names.random(), onBusy)));
  }

  private Command edit(ChatRequest request, String person, String branch, String replaces) {
    ChatRequest.Message message = message(request);
    String name = Names.edited(message.id(), message.parts().toString());
    return checked(() ->
        new Command.Edit(
            person,
            branch,
            replaces,
            Names.derived("branch " + request.id() + " " + name),
            name,
            name,
            message.ai(),
            parts(request),
            asking(request, Names.random(), OnBusy.QUEUE)));
  }

  /** Constructors of commands say what is wrong in a sentence for the client. */
  private static Command checked(java.util.function.Supplier<Command> command) {
    try {
      return command.get();
    } catch (IllegalArgumentException e) {
      throw Refused.bad(String.valueOf(e.getMessage()));
    }
  }

  private CompletableFuture<Reply> answer(Step.Answer step, ChatRequest request, String person) {
    CompletableFuture<?> done = CompletableFuture.completedFuture(null);
    for (ToolAnswers.ToolAnswer answer : step.answers()) {
      done = done.thenCompose(_ -> hand(answer, step, request, person));
    }
    return done.thenApply(_ -> new Reply(step.run(), step.after(), step.again()));
  }

  private CompletableFuture<?> hand(
      ToolAnswers.ToolAnswer answer, Step.Answer step, ChatRequest request, String person) {
    return switch (answer) {
      case ToolAnswers.ToolAnswer.Approved(String call) ->
          submit(request, new Command.ApproveTool(person, step.run(), call), Refusal.CALL_SETTLED);
      case ToolAnswers.ToolAnswer.Denied(String call, String reason) ->
          submit(
              request,
              checked(() -> new Command.DenyTool(person, step.run(), call, reason)),
              Refusal.CALL_SETTLED);
      case ToolAnswers.ToolAnswer.Output(String call, String json) ->
          conversations
              .returnTool(
                  new Conversations.RunPlace(step.run(), request.id(), step.branch()), call, json)
              .thenApply(result -> {
                if (result instanceof Answer.Refused(Refusal refusal, String message)
                    && refusal != Refusal.CALL_SETTLED
                    && refusal != Refusal.RUN_ENDED) {
                  throw Refused.of(refusal, message);
                }
                return result;
              });
    };
  }

  // --- stopping

  /** Stops what runs where the page is, and what this person has waiting there. */
  CompletableFuture<List<String>> stop(String chat, String person) {
    return conversations
        .view(chat, now -> Watching.toStop(now, person))
        .thenCompose(runs -> {
          CompletableFuture<?> done = CompletableFuture.completedFuture(null);
          for (String run : runs) {
            done =
                done.thenCompose(
                        _ -> conversations.submit(chat, new Command.Stop(person, run, List.of())))
                    .thenAccept(answer -> {
                      if (answer instanceof Answer.Refused(Refusal refusal, String message)) {
                        throw Refused.of(refusal, message);
                      }
                    });
          }
          return done.thenApply(_ -> runs);
        });
  }
}
