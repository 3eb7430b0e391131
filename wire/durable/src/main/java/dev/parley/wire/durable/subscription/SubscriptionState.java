package dev.parley.wire.durable.subscription;

import dev.parley.wire.durable.OffsetToken;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One subscription: the wake in flight, the lease and the retry schedule (Durable Streams §7). A
 * state machine that takes time as an argument and does no input or output; confined to the thread
 * that owns the subscriptions.
 *
 * <p>It is idle when {@link #wake} is {@code null}. A wake ends with {@code done}, with a release,
 * or when its lease runs out; whoever ends it asks {@link #wakeIfPending} for the next.
 */
final class SubscriptionState {
  /**
   * Most streams listed in one wake, so that its body stays bounded; the rest wait for the next.
   */
  static final int MAX_LISTED = 1_000;

  final Definition definition;
  final String origin;
  final long createdAt;
  final Links links;

  private long generation;
  private @Nullable Wake wake;
  private @Nullable String holder;
  private long leaseUntil; // 0: no lease runs
  private int attempts; // failed in a row
  private long nextAttemptAt; // 0: no retry is scheduled

  SubscriptionState(Definition definition, String origin, long createdAt, int maxLinks) {
    this.definition = definition;
    this.origin = origin;
    this.createdAt = createdAt;
    this.links = new Links(definition, maxLinks);
  }

  /** What a request against a wake comes to. */
  sealed interface Outcome {
    /** Applied; {@code ended} says whether the wake is over. */
    record Applied(boolean ended) implements Outcome {}

    /** The wake it speaks of is not the current one. */
    record Fenced() implements Outcome {}

    /** An acknowledged offset is not one the cursor can take; nothing was applied. */
    record BadOffset(String reason) implements Outcome {}
  }

  /** What a claim comes to. */
  sealed interface Claim {
    record Granted(Wake wake) implements Claim {}

    record Held(String holder, long generation) implements Claim {}

    record NothingPending() implements Claim {}
  }

  /** What time has brought. */
  enum Due {
    NOTHING,
    /** The scheduled retry: deliver the current wake again. */
    RETRY,
    /** The lease ran out: the wake is over. */
    EXPIRED
  }

  // ---- wakes --------------------------------------------------------------------------------

  /** Begins a wake when the subscription is idle and has something pending. */
  @Nullable Wake wakeIfPending(String wakeId) {
    if (wake != null || !links.hasPending()) {
      return null;
    }
    generation++;
    Map<String, OffsetToken> snapshot = new HashMap<>();
    String first = null;
    for (Link link : links.all()) {
      if (link.pending() && snapshot.size() < MAX_LISTED) {
        first = first == null ? link.path : first;
        snapshot.put(link.path, new OffsetToken(link.epoch, link.tail));
      }
    }
    wake = new Wake(wakeId, generation, first == null ? "" : first, snapshot);
    attempts = 0;
    return wake;
  }

  /** A delivery of the current wake begins: its lease runs from here (§7.3). */
  void onDelivering(long now) {
    nextAttemptAt = 0;
    if (definition.target() instanceof WakeTarget.Webhook) {
      leaseUntil = now + definition.leaseMillis(); // a pull-wake's begins with the claim
    }
  }

  /** The webhook took the wake; with {@code done} everything it was told of is acknowledged. */
  Outcome onDelivered(Wake delivered, boolean done) {
    if (wake == null || !wake.id().equals(delivered.id())) {
      return new Outcome.Fenced();
    }
    attempts = 0;
    if (!done) {
      return new Outcome.Applied(false);
    }
    delivered.snapshot().forEach(this::ackIfSameStream);
    end();
    return new Outcome.Applied(true);
  }

  private void ackIfSameStream(String path, OffsetToken to) {
    Link link = links.find(path);
    if (link != null && link.epoch == to.epoch()) {
      links.ack(link, Math.min(to.offset(), link.tail));
    }
  }

  /** The delivery failed: it is tried again later, as the same wake. */
  boolean onFailed(Wake failed, long now, double random) {
    if (wake == null || !wake.id().equals(failed.id()) || holder != null) {
      return false;
    }
    attempts++;
    leaseUntil = 0;
    nextAttemptAt = now + Backoff.delayMillis(attempts, random);
    return true;
  }

  /** The wake event is on the wake stream; what follows is up to the workers. */
  void onAnnounced(Wake announced) {
    if (wake != null && wake.id().equals(announced.id())) {
      attempts = 0;
      nextAttemptAt = 0;
    }
  }

  /** A worker asks for the wake (§7.2). */
  Claim claim(String worker, String wakeId, long now) {
    if (holder != null) {
      return new Claim.Held(holder, generation);
    }
    if (!links.hasPending()) {
      end(); // its streams are gone: what comes next is a wake of its own
      return new Claim.NothingPending();
    }
    if (wake == null) {
      wakeIfPending(wakeId);
    }
    holder = worker;
    attempts = 0;
    nextAttemptAt = 0;
    leaseUntil = now + definition.leaseMillis();
    return new Claim.Granted(Objects.requireNonNull(wake));
  }

  /** A callback or an ack: applies all of {@code acks} or none, and extends or ends the lease. */
  Outcome ack(
      String wakeId, long wakeGeneration, Map<String, OffsetToken> acks, boolean done, long now) {
    if (!isCurrent(wakeId, wakeGeneration)) {
      return new Outcome.Fenced();
    }
    for (Map.Entry<String, OffsetToken> entry : acks.entrySet()) {
      String reason = refusal(entry.getKey(), entry.getValue());
      if (reason != null) {
        return new Outcome.BadOffset(reason);
      }
    }
    acks.forEach((path, to) -> links.ack(Objects.requireNonNull(links.find(path)), to.offset()));
    if (done) {
      end();
    } else {
      attempts = 0;
      nextAttemptAt = 0;
      leaseUntil = now + definition.leaseMillis();
    }
    return new Outcome.Applied(done);
  }

  private @Nullable String refusal(String path, OffsetToken to) {
    Link link = links.find(path);
    if (link == null) {
      return "stream: " + path + " (expected: a stream of this subscription)";
    }
    if (to.epoch() != link.epoch || to.offset() < link.acked || to.offset() > link.tail) {
      return "offset: " + to + " (expected: " + link.ackedToken() + " to " + link.tailToken() + ")";
    }
    return null;
  }

  /** The worker gives the wake back without acknowledging anything. */
  Outcome release(String wakeId, long wakeGeneration) {
    if (!isCurrent(wakeId, wakeGeneration)) {
      return new Outcome.Fenced();
    }
    end();
    return new Outcome.Applied(true);
  }

  private boolean isCurrent(String wakeId, long wakeGeneration) {
    // A pull-wake that nobody holds has no worker who could speak for it.
    return wake != null
        && wake.id().equals(wakeId)
        && wake.generation() == wakeGeneration
        && (holder != null || definition.target() instanceof WakeTarget.Webhook);
  }

  private void end() {
    wake = null;
    holder = null;
    leaseUntil = 0;
    attempts = 0;
    nextAttemptAt = 0;
  }

  /**
   * What is due at {@code now}. {@link Due#EXPIRED} has ended the wake; {@link Due#RETRY} stays due
   * until {@link #onDelivering}.
   */
  Due due(long now) {
    if (wake == null) {
      return Due.NOTHING;
    }
    // A clock that jumped back must not stretch a lease or a pause.
    leaseUntil = Math.min(leaseUntil, now + definition.leaseMillis());
    nextAttemptAt = Math.min(nextAttemptAt, now + Backoff.MOST_WITH_JITTER_MILLIS);
    if (nextAttemptAt > 0 && now >= nextAttemptAt) {
      return Due.RETRY;
    }
    if (leaseUntil > 0 && now >= leaseUntil) {
      end();
      return Due.EXPIRED;
    }
    return Due.NOTHING;
  }

  /** When {@link #due} is to be asked next, or {@link Long#MAX_VALUE}. */
  long deadline() {
    if (wake == null) {
      return Long.MAX_VALUE;
    }
    if (nextAttemptAt > 0) {
      return nextAttemptAt;
    }
    return leaseUntil > 0 ? leaseUntil : Long.MAX_VALUE;
  }

  /**
   * The server starts again: nobody knows whether the wake in flight arrived, so its worker has a
   * whole lease from now on. A scheduled retry keeps its time.
   */
  void onRestored(long now) {
    if (leaseUntil > 0) {
      leaseUntil = now + definition.leaseMillis();
    }
  }

  @Nullable Wake wake() {
    return wake;
  }

  @Nullable String holder() {
    return holder;
  }

  long generation() {
    return generation;
  }

  int attempts() {
    return attempts;
  }

  long nextAttemptAt() {
    return nextAttemptAt;
  }

  long leaseUntil() {
    return leaseUntil;
  }

  boolean failing() {
    return attempts > 0;
  }

  // ---- persistence --------------------------------------------------------------------------

  /** Puts back what {@link SubscriptionRecord} kept. */
  void restoreLease(
      long kept, @Nullable Wake keptWake, @Nullable String keptHolder, long until, int failed) {
    generation = kept;
    wake = keptWake;
    holder = keptHolder;
    leaseUntil = until;
    attempts = failed;
  }

  void restoreRetry(long at) {
    nextAttemptAt = at;
  }
}
