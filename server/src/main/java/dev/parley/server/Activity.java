package dev.parley.server;

import dev.parley.stream.Commit;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPath;
import dev.parley.telemetry.Counter;
import dev.parley.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Counts commits, and keeps a decaying rate of the streams that are busy; an idle one costs
 * nothing. Written on the store's commit thread, read and swept on any.
 */
final class Activity implements Store.CommitListener {
  private static final int MOST_STREAMS = 4_096;
  private static final double MEMORY_SECONDS = 10;
  private static final double FORGOTTEN_PER_SECOND = 0.01;

  private final Telemetry telemetry;
  private final LongSupplier nanos;
  private final Map<StreamPath, Rate> rates = new ConcurrentHashMap<>();

  /** Messages a second, decaying exponentially since {@code atNanos}. */
  private record Rate(double perSecond, long atNanos) {
    double at(long nowNanos) {
      return perSecond * Math.exp(-(nowNanos - atNanos) / (MEMORY_SECONDS * 1e9));
    }

    Rate plus(int messages, long nowNanos) {
      return new Rate(at(nowNanos) + messages / MEMORY_SECONDS, nowNanos);
    }
  }

  /**
   * @param nanos a clock that only goes forward
   */
  Activity(Telemetry telemetry, LongSupplier nanos) {
    this.telemetry = telemetry;
    this.nanos = nanos;
  }

  @Override
  public void onCommitted(List<Commit> commits) {
    long now = nanos.getAsLong();
    long messages = 0;
    long bytes = 0;
    for (Commit commit : commits) {
      int brought = commit.messages().size();
      if (brought == 0) {
        continue;
      }
      messages += brought;
      for (var message : commit.messages()) {
        bytes += message.bytes().length;
      }
      StreamPath path = commit.info().path();
      Rate rate = rates.get(path);
      if (rate != null) {
        rates.put(path, rate.plus(brought, now));
      } else if (rates.size() < MOST_STREAMS) {
        rates.put(path, new Rate(0, now).plus(brought, now));
      }
    }
    telemetry.add(Counter.COMMIT_GROUPS, 1);
    telemetry.add(Counter.COMMITS, commits.size());
    telemetry.add(Counter.MESSAGES_IN, messages);
    telemetry.add(Counter.BYTES_IN, bytes);
  }

  double messagesPerSecond(StreamPath path) {
    Rate rate = rates.get(path);
    if (rate == null) {
      return 0;
    }
    double now = rate.at(nanos.getAsLong());
    return now < FORGOTTEN_PER_SECOND ? 0 : now;
  }

  /** Forgets streams that fell silent. */
  void sweep() {
    long now = nanos.getAsLong();
    rates.values().removeIf(rate -> rate.at(now) < FORGOTTEN_PER_SECOND);
  }
}
