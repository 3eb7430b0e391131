package dev.parley.bench;

import dev.parley.testkit.upstream.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a server adds to the time to a reply's first word: replies are asked for at a steady rate,
 * and each is followed. On the scenario's thread; followers on their loop.
 */
final class FirstTokens {
  private static final int PER_SECOND = 50;
  private static final String NAME = "first-"; // of conversation, reply and person
  private static final Pattern REQUEST =
      Pattern.compile("\"atNanos\":(\\d+).*user\\\\\":\\\\\"" + NAME + "(\\d+)\\\\\"");

  private final Trial trial;
  private final long[] asked;
  private final long[] seen; // by the model; 0 when not
  private final Reply[] replies;
  private final AtomicInteger ended = new AtomicInteger();

  FirstTokens(Trial trial) {
    this.trial = trial;
    int count = trial.count(PER_SECOND);
    asked = new long[count];
    seen = new long[count];
    replies = new Reply[count];
    Arrays.setAll(replies, _ -> new Reply());
  }

  void measure() throws Exception {
    try (Asker asker = new Asker(trial.server())) {
      trial.steadily(
          PER_SECOND,
          i -> {
            String name = NAME + i;
            asker.create(name, Trial.BRIEF, name);
            asked[i] = System.nanoTime();
            asker.say(name, name, name);
            trial
                .clients()
                .loop()
                .execute(() ->
                    EventSource.open(
                        trial.clients(),
                        trial.server(),
                        "/api/runs/" + name + "?person=" + name,
                        "",
                        replies[i]));
          });
    }
    trial.await(() -> ended.get() == replies.length);
    readLog();
    report();
  }

  private void readLog() throws IOException {
    try (Stream<String> lines = Files.lines(trial.modelLog())) {
      lines.forEach(line -> {
        Matcher request = REQUEST.matcher(line);
        if (request.find()) {
          seen[Integer.parseInt(request.group(2))] = Long.parseLong(request.group(1));
        }
      });
    }
  }

  private void report() {
    Histogram there = Trial.histogram();
    Histogram back = Trial.histogram();
    Histogram both = Trial.histogram();
    int wrong = 0;
    for (int i = 0; i < replies.length; i++) {
      Reply reply = replies[i];
      if (!reply.finished || reply.words != Trial.BRIEF_WORDS || reply.wrong || seen[i] == 0) {
        wrong++;
      } else if (trial.counts(i, PER_SECOND)) {
        Trial.record(there, seen[i] - asked[i]);
        Trial.record(back, reply.readNanos - reply.writtenNanos);
        Trial.record(both, seen[i] - asked[i] + reply.readNanos - reply.writtenNanos);
      }
    }
    trial.row("reply asked for, request at the model", there, "", 0);
    trial.row("first token written, read by the follower", back, "3 ms", wrong);
    trial.row("both: what is added to the time to first token", both, "3 ms", wrong);
  }

  /** What a follower saw. Written on the loop, read once {@link #ended} has counted it. */
  private final class Reply implements EventSource.Listener {
    private int words;
    private long writtenNanos;
    private long readNanos;
    private boolean wrong;
    private boolean finished;

    @Override
    public void onEvent(String id, String data, long now) {
      for (Token word : Token.parse(data)) {
        wrong |= word.number() != ++words;
        if (words == 1) {
          writtenNanos = word.nanos();
          readNanos = now;
        }
      }
      finished |= data.contains("\"state\":\"finished\"");
    }

    @Override
    public void onEnd(@Nullable String why) {
      ended.incrementAndGet();
    }
  }
}
