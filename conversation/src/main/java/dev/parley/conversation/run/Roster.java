package dev.parley.conversation.run;

import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaJson;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Personas;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.provider.Provider;
import dev.parley.hub.Hub;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Commit;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The personas of a server, kept in a stream with all their versions, and its providers. Safe on
 * any thread.
 */
public final class Roster implements Models {
  /** Where personas are kept. */
  public static final StreamPath PATH = StreamPath.of("personas");

  private static final System.Logger LOG = System.getLogger(Roster.class.getName());
  private static final String JSON = "application/json";

  private final Hub hub;
  private final Map<String, Source> sources;
  private final PersonaJson json = new PersonaJson();
  private final Personas personas = new Personas(); // guarded by this
  private long tail; // guarded by this

  /**
   * Where replies come from.
   *
   * @param slots how many it gives at once, or {@code null} for any number
   */
  public record Source(Provider provider, @Nullable Slots slots) {}

  private Roster(Hub hub, Map<String, Source> sources) {
    this.hub = hub;
    this.sources = Map.copyOf(sources);
  }

  /**
   * Reads the personas that are kept. Blocks.
   *
   * @param sources by the name that personas know them by
   */
  public static Roster open(Hub hub, Map<String, Source> sources) {
    Roster roster = new Roster(hub, sources);
    hub.onCommit(roster::onCommitted);
    var _ = hub.create(PATH, StreamSpec.of(JSON)).join();
    hub.readAll(PATH, 0, roster::apply);
    return roster;
  }

  private void onCommitted(List<Commit> commits) {
    for (Commit commit : commits) {
      if (commit.change().path().equals(PATH)) {
        commit.messages().forEach(this::apply);
      }
    }
  }

  private synchronized void apply(Message message) {
    if (message.offset() <= tail) {
      return;
    }
    tail = message.offset();
    try {
      personas.apply(json.read(message.bytes()));
    } catch (IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}, message {1}: {2}",
          PATH,
          message.offset(),
          e.getMessage());
    }
  }

  /**
   * Keeps a persona as its next version, or leaves it when nothing has changed.
   *
   * @return the version in force
   */
  public CompletableFuture<Persona> put(Persona draft) {
    Persona next;
    long known;
    synchronized (this) {
      next = personas.next(draft);
      known = tail;
      if (next.equals(personas.newest(draft.ref().id()))) {
        return CompletableFuture.completedFuture(next);
      }
    }
    Append append =
        new Append(List.of(Payload.of(json.write(next))), null, null, null, known, false);
    return hub.append(PATH, append)
        .thenCompose(result ->
            switch (result) {
              case AppendResult.Appended _ -> CompletableFuture.completedFuture(next);
              case AppendResult.TailMoved _ -> put(draft); // another version came first
              default ->
                  CompletableFuture.failedFuture(new IllegalStateException(PATH + ": " + result));
            });
  }

  @Override
  public synchronized @Nullable Persona persona(PersonaRef ref) {
    return personas.at(ref);
  }

  @Override
  public synchronized @Nullable Persona newest(String persona) {
    return personas.newest(persona);
  }

  /** The newest version of each, in the order they came. */
  public synchronized List<Persona> all() {
    List<Persona> all = new ArrayList<>();
    for (String id : personas.ids()) {
      Persona newest = personas.newest(id);
      if (newest != null) {
        all.add(newest);
      }
    }
    return all;
  }

  @Override
  public @Nullable Provider provider(Persona persona) {
    Source source = sources.get(persona.provider());
    return source == null ? null : source.provider();
  }

  @Override
  public @Nullable Slots slots(Persona persona) {
    Source source = sources.get(persona.provider());
    return source == null ? null : source.slots();
  }

  /** By name. */
  public Map<String, Source> sources() {
    return sources;
  }
}
