package dev.parley.stream;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * What every {@link Store} promises, as tests. A store's own test class extends it and says how to
 * open an empty one; a store whose data outlives it extends {@link PersistentStoreContract}.
 */
public abstract class StoreContract
    implements CreateContract,
        AppendContract,
        ProducerContract,
        ReadContract,
        ForkContract,
        RetentionContract,
        FeedContract,
        ConcurrencyContract {
  private final TestClock clock = new TestClock();
  private final Deque<Store> opened = new ArrayDeque<>();
  private @Nullable Store store;

  /** Opens a store without data; the contract closes it. */
  protected abstract Store open(StreamPolicies policies, InstantSource clock);

  @Override
  public final synchronized Store store() {
    Store current = store;
    if (current == null) {
      use(StreamPolicies.uniform(StoreFixture.policy()));
      return store();
    }
    return current;
  }

  @Override
  public final synchronized void use(StreamPolicies policies) {
    store = open(policies, clock);
    opened.push(store);
  }

  @Override
  public final synchronized Store open(StreamPolicy policy) {
    Store another = open(StreamPolicies.uniform(policy), clock);
    opened.push(another);
    return another;
  }

  @Override
  public final TestClock clock() {
    return clock;
  }

  /** Goes on with {@code successor}, which holds what the store under test held. */
  final synchronized void succeed(Store successor) {
    store = successor;
    opened.push(successor);
  }

  @AfterEach
  final synchronized void closeStores() {
    opened.forEach(Store::close);
  }
}
