package dev.parley.wire.durable.subscription;

import dev.parley.stream.Store;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Asks the store for the state of many streams, a few at a time, so that one request does not fill
 * its readers' queue. Confined to the owner's thread, where it also completes.
 */
final class Heads {
  private static final int AT_ONCE = 32;

  private final Store store;
  private final Executor owner;

  Heads(Store store, Executor owner) {
    this.store = store;
    this.owner = owner;
  }

  /** The streams there are at {@code paths}, by path. */
  CompletableFuture<Map<String, StreamInfo>> find(Collection<String> paths) {
    return next(paths.iterator(), new HashMap<>());
  }

  private CompletableFuture<Map<String, StreamInfo>> next(
      Iterator<String> rest, Map<String, StreamInfo> found) {
    if (!rest.hasNext()) {
      return CompletableFuture.completedFuture(found);
    }
    List<CompletableFuture<Optional<StreamInfo>>> answers = new ArrayList<>();
    while (rest.hasNext() && answers.size() < AT_ONCE) {
      answers.add(store.head(StreamPath.of(rest.next())));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenComposeAsync(
            _ -> {
              for (CompletableFuture<Optional<StreamInfo>> answer : answers) {
                answer
                    .join() // done
                    .filter(info -> !info.deleted())
                    .ifPresent(info -> found.put(info.path().value(), info));
              }
              return next(rest, found);
            },
            owner);
  }
}
