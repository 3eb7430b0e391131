package dev.parley.wire.rest;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Role;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Conversations.RunPlace;
import dev.parley.hub.Caller;
import dev.parley.transport.HttpError;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who may see what: members their conversations and its runs, who administrates all of them. To
 * others nothing is there. Stateless.
 */
final class Access {
  private final Conversations conversations;

  Access(Conversations conversations) {
    this.conversations = conversations;
  }

  /** What somebody may see of a conversation: the conversation, and the role there, if any. */
  record Seen(Conversation conversation, @Nullable Role role) {}

  /**
   * Looks at a conversation that the caller may read.
   *
   * @param look on the conversation's loop; must not let it out
   */
  <T> CompletableFuture<T> read(Call call, String conversation, Function<Seen, T> look) {
    String reader = call.reader();
    boolean readsAll = call.readsAll();
    return conversations.view(
        conversation,
        it -> {
          Role role = reader == null ? null : it.members().get(reader);
          if (!it.exists() || it.deletedBy() != null || (role == null && !readsAll)) {
            throw Rejection.noConversation();
          }
          return look.apply(new Seen(it, role));
        });
  }

  /** Where a run is, whoever asks. */
  CompletableFuture<RunPlace> find(String run) {
    if (!Call.isName(run)) {
      throw Rejection.noRun();
    }
    return conversations.find(run).thenApply(place -> place.orElseThrow(Rejection::noRun));
  }

  /** Where a run is that the caller may read. */
  CompletableFuture<RunPlace> readRun(Call call, String run) {
    var _ = call.reader(); // refused before anything is looked for
    return find(run)
        .thenCompose(place ->
            read(call, place.conversation(), _ -> place)
                .exceptionally(e -> {
                  throw e instanceof HttpError || e.getCause() instanceof HttpError
                      ? Rejection.noRun()
                      : new java.util.concurrent.CompletionException(e);
                }));
  }

  /**
   * Where a run is that the caller may answer for as the application: with keys, one who may append
   * to its stream; without, a member who may write.
   */
  CompletableFuture<RunPlace> answerFor(Call call, String run) {
    if (!Call.isName(run)) {
      throw Rejection.noRun();
    }
    if (call.keyed() && call.caller().may(Caller.Right.APPEND, ConversationPaths.run(run))) {
      return find(run);
    }
    String person = call.person();
    boolean keyed = call.keyed();
    return find(run)
        .thenCompose(place ->
            conversations.view(
                place.conversation(),
                it -> {
                  Role role = it.members().get(person);
                  if (role == null) {
                    throw Rejection.noRun();
                  }
                  if (keyed || role == Role.READER) {
                    throw Rejection.forbidden(
                        keyed
                            ? "the right append on " + ConversationPaths.run(run) + " is needed"
                            : "role: reader (expected: writer or more)");
                  }
                  return place;
                }));
  }
}
