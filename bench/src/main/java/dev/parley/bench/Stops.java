package dev.parley.bench;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * Replies that begin and are stopped at a steady rate, each while it runs, until the model sees its
 * request closed. On the scenario's thread.
 */
final class Stops {
  private static final int PER_SECOND = 50;
  private static final int RUNNING = PER_SECOND / 2; // each is stopped after half a second
  private static final String NAME = "stop-"; // of conversation, reply and person
  private static final Pattern LEFT =
      Pattern.compile("\"user\":\"" + NAME + "(\\d+)\".*\"atNanos\":(\\d+)");

  private final Trial trial;
  private final long[] asked;
  private final long[] answered;
  private final long[] closed; // as the model saw it; 0 when it did not

  Stops(Trial trial) {
    this.trial = trial;
    int count = trial.count(PER_SECOND);
    asked = new long[count];
    answered = new long[count];
    closed = new long[count];
  }

  void measure() throws Exception {
    try (Asker asker = new Asker(trial.server())) {
      trial.steadily(
          PER_SECOND,
          i -> {
            if (i >= RUNNING) {
              stop(asker, i - RUNNING);
            }
            String name = NAME + i;
            asker.create(name, Trial.LONG, name);
            asker.say(name, name, name);
          });
      for (int i = asked.length - RUNNING; i < asked.length; i++) {
        stop(asker, i);
      }
    }
    LockSupport.parkNanos(1_000_000_000L);
    for (String line : trial.model().left()) {
      Matcher left = LEFT.matcher(line);
      if (left.find()) {
        closed[Integer.parseInt(left.group(1))] = Long.parseLong(left.group(2));
      }
    }
    report();
  }

  private void stop(Asker asker, int index) throws IOException {
    asked[index] = System.nanoTime();
    asker.stop(NAME + index, NAME + index);
    answered[index] = System.nanoTime();
  }

  private void report() {
    Histogram answers = Trial.histogram();
    Histogram closes = Trial.histogram();
    int wrong = 0;
    for (int i = 0; i < closed.length; i++) {
      if (closed[i] == 0) {
        wrong++;
      } else if (trial.counts(i, PER_SECOND)) {
        Trial.record(closes, closed[i] - asked[i]);
        Trial.record(answers, answered[i] - asked[i]);
      }
    }
    trial.row("stop asked for, request closed at the model", closes, "20 ms", wrong);
    trial.row("the same, stop answered", answers, "", 0);
  }
}
