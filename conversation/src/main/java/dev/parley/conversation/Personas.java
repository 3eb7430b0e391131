package dev.parley.conversation;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All personas in all versions. Confined to its owner. */
public final class Personas {
  private final Map<String, TreeMap<Integer, Persona>> byId = new LinkedHashMap<>();

  /** As what a persona is to be stored: its newest version when nothing changes, else the next. */
  public Persona next(Persona draft) {
    Persona newest = newest(draft.ref().id());
    if (newest == null) {
      return draft.as(1);
    }
    int version = newest.ref().version();
    return draft.as(version).equals(newest) ? newest : draft.as(version + 1);
  }

  /** Takes in a stored version; one that is there stays as it is. */
  public void apply(Persona persona) {
    byId.computeIfAbsent(persona.ref().id(), _ -> new TreeMap<>())
        .putIfAbsent(persona.ref().version(), persona);
  }

  public @Nullable Persona at(PersonaRef ref) {
    TreeMap<Integer, Persona> versions = byId.get(ref.id());
    return versions == null ? null : versions.get(ref.version());
  }

  public @Nullable Persona newest(String id) {
    TreeMap<Integer, Persona> versions = byId.get(id);
    return versions == null ? null : versions.lastEntry().getValue();
  }

  /** Names of all, in the order they came; a view. */
  public Collection<String> ids() {
    return Collections.unmodifiableCollection(byId.keySet());
  }
}
