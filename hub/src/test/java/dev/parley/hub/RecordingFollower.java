package dev.parley.hub;

import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A follower that notes what it is told. Confined to its loop. */
class RecordingFollower implements Follower {
  final List<Long> offsets = new ArrayList<>();
  final List<StreamInfo> caughtUp = new ArrayList<>();
  final List<Integer> deliveries = new ArrayList<>();
  long skipped;
  volatile @Nullable End end;
  int ends;
  private final Executor loop;
  private final BooleanSupplier more;

  RecordingFollower(Executor loop) {
    this(loop, () -> true);
  }

  /**
   * @param more what each delivery is answered with
   */
  RecordingFollower(Executor loop, BooleanSupplier more) {
    this.loop = loop;
    this.more = more;
  }

  @Override
  public Executor loop() {
    return loop;
  }

  @Override
  public boolean onDelivery(Delivery delivery) {
    deliveries.add(delivery.messages().size());
    for (Message message : delivery.messages()) {
      offsets.add(message.offset());
    }
    return more.getAsBoolean();
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    caughtUp.add(info);
  }

  @Override
  public void onSkipped(long count) {
    skipped += count;
  }

  @Override
  public void onEnd(End why) {
    end = why;
    ends++;
  }
}
