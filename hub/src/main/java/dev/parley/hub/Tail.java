package dev.parley.hub;

import dev.parley.stream.Commit;
import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The live end of one stream: its newest messages, and who follows. Confined to the shard thread,
 * except for {@link #view} and {@link #followers}, which it publishes for everyone.
 */
final class Tail {
  /** What a tail weighs beside its messages. */
  static final int OVERHEAD = 384;

  static final long UNKNOWN = -1;

  final StreamPath path;
  final List<Audience> audiences = new ArrayList<>(1); // as many as loops: found by scanning

  /** State and messages of the last turn, or {@code null} when only the store knows them. */
  volatile @Nullable View view;

  volatile int followers;

  long charge; // what the shard has counted for it
  long touchedNanos;
  boolean dirty;

  private final Ring ring = new Ring();
  private @Nullable StreamInfo info;
  private long streamId = UNKNOWN;
  private long sequence;
  private long handed; // offsets up to here were handed to the audiences
  private boolean closing;

  Tail(StreamPath path) {
    this.path = path;
  }

  @Nullable StreamInfo info() {
    return info;
  }

  /** Counts followers in or out. */
  void count(int change) {
    int now = followers + change; // a single writer: nothing comes between
    followers = now;
  }

  boolean followed() {
    return !audiences.isEmpty();
  }

  boolean holdsMessages() {
    return !ring.isEmpty();
  }

  long weight() {
    return OVERHEAD + ring.bytes();
  }

  void apply(Commit commit) {
    assert streamId == UNKNOWN || streamId == commit.change().streamId();
    List<Message> messages = commit.messages();
    if (!messages.isEmpty()) {
      long before = messages.getFirst().offset() - 1;
      handed = info == null ? before : handed; // a gap after it is for the loops to notice
    } else if (info == null) {
      handed = commit.info().tail();
    }
    for (Message message : messages) {
      ring.append(message);
    }
    closing |= commit.info().closed() && (info == null || !info.closed());
    info = commit.info();
    streamId = commit.change().streamId();
    sequence = commit.change().sequence();
  }

  /**
   * What the audiences have not been handed yet, or {@code null} when there is no news for them.
   */
  @Nullable Delivery news() {
    StreamInfo now = info;
    if (now == null) {
      return null;
    }
    List<Message> messages = ring.since(handed + 1);
    if (messages.isEmpty() && !closing) {
      return null;
    }
    handed = Math.max(handed, now.tail());
    closing = false;
    return new Delivery(now, messages, true);
  }

  /** Keeps within its bound, and lets everyone see where it stands. */
  void publish(int ringMessages) {
    StreamInfo now = info;
    if (now == null) {
      return;
    }
    ring.keepNewest(ringMessages);
    ring.dropBefore(now.first());
    if (!ring.isEmpty() && ring.last() != now.tail()) {
      ring.clear(); // not the end of the stream: of no use
    }
    view = ring.view(now, sequence);
  }

  /** Gives memory back; the store serves what is dropped. */
  void shrink(boolean wholly) {
    if (wholly) {
      ring.clear();
    } else {
      ring.keepNewest(ring.size() / 2);
    }
    publish(Integer.MAX_VALUE);
  }

  /** Commits were missed, or the stream is gone: nothing known of it holds any more. */
  void forget() {
    ring.clear();
    info = null;
    streamId = UNKNOWN;
    view = null;
    closing = false;
    dirty = false;
  }

  @Nullable Audience audience(Executor loop) {
    for (Audience audience : audiences) {
      if (audience.loop() == loop) {
        return audience;
      }
    }
    return null;
  }
}
