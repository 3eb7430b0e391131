package dev.parley.wire.durable.subscription;

import dev.parley.stream.Change;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one subscription with a cursor each (Durable Streams §6.1), bounded in number. It
 * does no input or output; confined to the thread that owns the subscriptions.
 */
final class Links {
  private final Definition definition;
  private final int maxLinks;
  private final Map<String, Link> links = new LinkedHashMap<>();
  private final Set<String> unlinked = new LinkedHashSet<>(); // since the last write
  private int pending; // links with something pending

  Links(Definition definition, int maxLinks) {
    this.definition = definition;
    this.maxLinks = maxLinks;
  }

  /** Links a stream at its tail, so that nothing old wakes anyone. Idempotent. */
  void link(String path, @Nullable StreamInfo info, boolean explicit) {
    Link link = links.get(path);
    if (link == null) {
      link =
          info == null
              ? new Link(path, 0, 0, 0, 0)
              : new Link(path, info.id(), info.epoch(), info.tail(), info.tail());
      links.put(path, link);
      unlinked.remove(path);
    }
    if (explicit && !link.explicit) {
      link.explicit = true;
      link.dirty = true;
    }
    if (definition.matches(path) && !link.glob) {
      link.glob = true;
      link.dirty = true;
    }
  }

  /** Removes an explicit link; a link the pattern makes stays (§6.4). */
  void unlink(String path) {
    Link link = links.get(path);
    if (link == null || !link.explicit) {
      return;
    }
    link.explicit = false;
    link.dirty = true;
    if (!link.glob) {
      drop(link);
    }
  }

  /**
   * Follows one entry of the change feed.
   *
   * @param epoch the stream's
   * @return false when there is no room for the stream: nothing was done, and the change must come
   *     again once there is
   */
  boolean onChange(Change change, long epoch) {
    String path = change.path().value();
    Link link = links.get(path);
    return switch (change.kind()) {
      case TRIMMED -> true;
      case DELETED -> {
        if (link != null && link.streamId == change.streamId()) {
          onDeleted(link);
        }
        yield true;
      }
      case CREATED, APPENDED, CLOSED -> onGrown(change, epoch, link);
    };
  }

  private boolean onGrown(Change change, long epoch, @Nullable Link known) {
    boolean brought = change.last() >= change.first();
    Link link = known;
    if (link == null) {
      String path = change.path().value();
      if (!brought || !definition.matches(path)) {
        return true; // an empty stream is linked with its first message
      }
      if (!makeRoom()) {
        return false;
      }
      // Linked before the append that made it known (§6.2).
      link = new Link(path, change.streamId(), epoch, change.first() - 1, change.first() - 1);
      link.glob = true;
      links.put(path, link);
      unlinked.remove(path);
    }
    boolean was = link.pending();
    if (link.streamId != change.streamId()) {
      long before = brought ? change.first() - 1 : change.last();
      link.renew(change.streamId(), epoch, Math.max(0, before), Math.max(0, before));
    }
    if (brought) {
      link.grow(change.last());
    }
    count(was, link);
    return true;
  }

  private void onDeleted(Link link) {
    if (!link.explicit) {
      drop(link);
      return;
    }
    boolean was = link.pending();
    link.renew(0, 0, 0, 0);
    count(was, link);
  }

  /** A newer state of a linked stream than the change feed has brought so far. */
  void refresh(StreamInfo info) {
    Link link = links.get(info.path().value());
    if (link != null && link.streamId == info.id()) {
      boolean was = link.pending();
      link.grow(info.tail());
      count(was, link);
    }
  }

  private boolean makeRoom() {
    if (links.size() < maxLinks) {
      return true;
    }
    if (pending >= links.size()) {
      return false;
    }
    // A caught-up link of the pattern comes back by itself with the stream's next message.
    for (Link link : links.values()) {
      if (!link.explicit && !link.pending()) {
        drop(link);
        return true;
      }
    }
    return false;
  }

  private void drop(Link link) {
    if (link.pending()) {
      pending--;
    }
    links.remove(link.path);
    unlinked.add(link.path);
  }

  private void count(boolean was, Link link) {
    pending += (link.pending() ? 1 : 0) - (was ? 1 : 0);
  }

  @Nullable Link find(String path) {
    return links.get(path);
  }

  Iterable<Link> all() {
    return links.values();
  }

  int size() {
    return links.size();
  }

  boolean hasPending() {
    return pending > 0;
  }

  /** Moves a cursor on; never back. */
  void ack(Link link, long offset) {
    boolean was = link.pending();
    link.ack(offset);
    count(was, link);
  }

  // ---- persistence --------------------------------------------------------------------------

  void restore(Link link) {
    Link before = links.put(link.path, link);
    link.dirty = false;
    pending += (link.pending() ? 1 : 0) - (before != null && before.pending() ? 1 : 0);
  }

  void restoreUnlinked(String path) {
    Link link = links.remove(path);
    if (link != null && link.pending()) {
      pending--;
    }
  }

  boolean hasDirty() {
    if (!unlinked.isEmpty()) {
      return true;
    }
    for (Link link : links.values()) {
      if (link.dirty) {
        return true;
      }
    }
    return false;
  }

  /** Links changed since the last call. */
  List<Link> takeDirty() {
    List<Link> dirty = new ArrayList<>();
    for (Link link : links.values()) {
      if (link.dirty) {
        link.dirty = false;
        dirty.add(link);
      }
    }
    return dirty;
  }

  /** Paths unlinked since the last call. */
  List<String> takeUnlinked() {
    List<String> taken = List.copyOf(unlinked);
    unlinked.clear();
    return taken;
  }

  /** Whether {@code path} concerns the subscription: it is linked, or the pattern matches. */
  boolean concerns(StreamPath path) {
    return links.containsKey(path.value()) || definition.matches(path.value());
  }
}
