package dev.parley.wire.socketio;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What an application keeps of a socket, saved when it changes. Safe on any thread. */
final class SavedData extends AbstractMap<String, Object> {
  private final ClientSocket socket;
  private final Map<String, Object> values;

  SavedData(ClientSocket socket, Map<String, Object> values) {
    this.socket = socket;
    this.values = new ConcurrentHashMap<>(values);
  }

  @Override
  public @Nullable Object put(String key, Object value) {
    var _ = socket.namespace().values().tree(value); // says what is no JSON
    Object before = values.put(key, value);
    if (!Objects.equals(before, value)) {
      socket.namespace().save(socket);
    }
    return before;
  }

  @Override
  public @Nullable Object get(Object key) {
    return values.get(key);
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    Set<Map.Entry<String, Object>> entries = values.entrySet();
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<String, Object>> iterator() {
        Iterator<Map.Entry<String, Object>> all = entries.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public Map.Entry<String, Object> next() {
            return new SimpleImmutableEntry<>(all.next());
          }

          @Override
          public void remove() {
            all.remove();
            socket.namespace().save(socket);
          }
        };
      }

      @Override
      public int size() {
        return entries.size();
      }
    };
  }
}
