package dev.parley.backend.rocksdb;

import static dev.parley.stream.StoreFixture.await;

import dev.parley.stream.PersistentStoreContract;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPolicies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;

final class RocksStoreTest extends PersistentStoreContract {
  @TempDir Path temporary;
  private final Map<Store, Path> folders = new HashMap<>();
  private int opened;

  @Override
  protected Store open(StreamPolicies policies, InstantSource clock) {
    return open(temporary.resolve("data" + opened++), policies, clock);
  }

  private Store open(Path folder, StreamPolicies policies, InstantSource clock) {
    Store store = RocksStore.open(RocksConfig.defaults(folder), policies, clock);
    folders.put(store, folder);
    return store;
  }

  @Override
  protected Store restart(Store store, StreamPolicies policies, InstantSource clock) {
    store.close();
    return open(folderOf(store), policies, clock);
  }

  @Override
  protected Store crash(Store store, StreamPolicies policies, InstantSource clock) {
    Path copy = temporary.resolve("data" + opened++);
    try {
      DataFolders.copy(folderOf(store), copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return open(copy, policies, clock);
  }

  private Path folderOf(Store store) {
    return Objects.requireNonNull(folders.get(store));
  }

  @Override
  public void settle() {
    await(((RocksStore) store()).sweep());
  }
}
