package dev.parley.conversation.request;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Role;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Conversations.RunPlace;
import dev.parley.hub.Caller;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who may see what: members their conversations and its runs, who administrates all of them. To
 * others nothing is there. Stateless.
 */
public final class Access {
  private final Conversations conversations;

  public Access(Conversations conversations) {
    this.conversations = conversations;
  }

  /** What somebody may see of a conversation: the conversation, and the role there, if any. */
  public record Seen(Conversation conversation, @Nullable Role role) {}

  /**
   * Looks at a conversation that the caller may read.
   *
   * @param look on the conversation's loop; must not let it out
   */
  public <T> CompletableFuture<T> read(Asker asker, String conversation, Function<Seen, T> look) {
    String reader = asker.reader();
    boolean readsAll = asker.readsAll();
    return conversations.view(
        conversation,
        it -> {
          Role role = reader == null ? null : it.members().get(reader);
          if (!it.exists() || it.deletedBy() != null || (role == null && !readsAll)) {
            throw RequestRefused.noConversation();
          }
          return look.apply(new Seen(it, role));
        });
  }

  /** Where a run is, whoever asks. */
  public CompletableFuture<RunPlace> find(String run) {
    if (!Names.isName(run)) {
      throw RequestRefused.noRun();
    }
    return conversations.find(run).thenApply(place -> place.orElseThrow(RequestRefused::noRun));
  }

  /** Where a run is that the caller may read. */
  public CompletableFuture<RunPlace> readRun(Asker asker, String run) {
    var _ = asker.reader(); // refused before anything is looked for
    return find(run)
        .thenCompose(place ->
            read(asker, place.conversation(), _ -> place)
                .exceptionally(e -> {
                  throw e instanceof RequestRefused || e.getCause() instanceof RequestRefused
                      ? RequestRefused.noRun()
                      : new CompletionException(e);
                }));
  }

  /**
   * Where a run is that the caller may answer for as the application: with keys, one who may append
   * to its stream; without, a member who may write.
   */
  public CompletableFuture<RunPlace> answerFor(Asker asker, String run) {
    if (!Names.isName(run)) {
      throw RequestRefused.noRun();
    }
    if (asker.keyed() && asker.caller().may(Caller.Right.APPEND, ConversationPaths.run(run))) {
      return find(run);
    }
    String person = asker.person();
    boolean keyed = asker.keyed();
    return find(run)
        .thenCompose(place ->
            conversations.view(
                place.conversation(),
                it -> {
                  Role role = it.members().get(person);
                  if (role == null) {
                    throw RequestRefused.noRun();
                  }
                  if (keyed || role == Role.READER) {
                    throw RequestRefused.of(
                        Refusal.FORBIDDEN,
                        keyed
                            ? "the right append on " + ConversationPaths.run(run) + " is needed"
                            : "role: reader (expected: writer or more)");
                  }
                  return place;
                }));
  }
}
