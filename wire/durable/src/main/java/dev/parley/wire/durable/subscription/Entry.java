package dev.parley.wire.durable.subscription;

import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscription with what its owner is doing about it. Confined to the owner's thread. */
final class Entry {
  /** {@link #feed} of one that hears of every change as it comes. */
  static final long LIVE = -1;

  final SubscriptionState state;
  final StreamPath journal;

  boolean deleted;

  /** Where it stands in the change feed, or {@link #LIVE}. */
  long feed = LIVE;

  /** No room for the stream of the next change: waits until something is acknowledged. */
  boolean full;

  /** A write is under way. */
  boolean writing;

  /** Small records since the last full one; begins so that the first write is a full one. */
  int sinceFull = Integer.MAX_VALUE;

  /** What to do once the present state is durable; kept until it is. */
  List<Runnable> effects = new ArrayList<>();

  /** Who waits for the present state to be durable, and hears at once when it is not. */
  List<Consumer<@Nullable Throwable>> waiting = new ArrayList<>();

  /** The wake whose webhook request is under way or waits for its turn. */
  @Nullable String delivering;

  /** When its earliest timer fires. */
  long armedAt = Long.MAX_VALUE;

  Entry(SubscriptionState state, StreamPath journal) {
    this.state = state;
    this.journal = journal;
  }

  String id() {
    return state.definition.id();
  }
}
