package dev.parley.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Conversations whose persona is changed at a steady rate while somebody else follows them. What
 * counts is when that other client has the event: the change is stored by then, and nothing of the
 * server's part is left out. The scenario's thread asks; followers are confined to their loop.
 */
final class PersonaSwitches {
  private static final int PER_SECOND = 50;
  private static final int ROOMS = 25; // so the last change of each is half a second old
  private static final String OWNER = "ada";
  private static final String GUEST = "ben";

  private final Trial trial;
  private final long[] asked;
  private final long[] answered;
  private final long[] read; // written on the loop, read when it has nothing more to do
  private final List<Follower> followers = new ArrayList<>();
  private final CountDownLatch begun = new CountDownLatch(ROOMS);

  PersonaSwitches(Trial trial) {
    this.trial = trial;
    int count = trial.count(PER_SECOND);
    asked = new long[count];
    answered = new long[count];
    read = new long[count];
  }

  void measure() throws Exception {
    try (Asker asker = new Asker(trial.server())) {
      for (int room = 0; room < ROOMS; room++) {
        asker.create("switch-" + room, Trial.LONG, OWNER);
        asker.invite("switch-" + room, GUEST, OWNER);
        follow(room);
      }
      if (!begun.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("followers without an event: " + begun.getCount());
      }
      trial.steadily(
          PER_SECOND,
          i -> {
            boolean odd = i / ROOMS % 2 > 0;
            asked[i] = System.nanoTime();
            asker.switchPersona("switch-" + i % ROOMS, odd ? Trial.LONG : Trial.BRIEF, OWNER);
            answered[i] = System.nanoTime();
          });
    }
    trial
        .clients()
        .loop()
        .schedule(() -> followers.forEach(Follower::leave), 1, TimeUnit.SECONDS)
        .get();
    report();
  }

  private void follow(int room) {
    Follower follower = new Follower(room);
    followers.add(follower);
    trial
        .clients()
        .loop()
        .execute(() ->
            follower.source =
                EventSource.open(
                    trial.clients(),
                    trial.server(),
                    "/api/conversations/switch-" + room + "/events?person=" + GUEST,
                    "",
                    follower));
  }

  private void report() {
    Histogram reads = Trial.histogram();
    Histogram answers = Trial.histogram();
    long wrong = 0;
    for (Follower follower : followers) {
      wrong += follower.wrong;
    }
    for (int i = 0; i < read.length; i++) {
      if (read[i] == 0) {
        wrong++;
      } else if (trial.counts(i, PER_SECOND)) {
        Trial.record(reads, read[i] - asked[i]);
        Trial.record(answers, answered[i] - asked[i]);
      }
    }
    trial.row("persona changed, event read by another", reads, "5 ms", wrong);
    trial.row("the same, change answered", answers, "", 0);
  }

  /** Somebody else in a conversation, to whom its changes come in turn. */
  private final class Follower implements EventSource.Listener {
    private @Nullable EventSource source;
    private int next; // index of the change to come
    private int wrong;
    private boolean greeted;

    Follower(int room) {
      next = room;
    }

    @Override
    public void onEvent(String id, String data, long readNanos) {
      if (!greeted) {
        greeted = true;
        begun.countDown();
      }
      if (data.contains("\"persona-switched\"")) {
        if (next >= read.length) {
          wrong++;
          return;
        }
        read[next] = readNanos;
        next += ROOMS;
      }
    }

    @Override
    public void onEnd(@Nullable String why) {
      wrong++;
    }

    void leave() {
      if (source != null) {
        source.leave();
      }
    }
  }
}
